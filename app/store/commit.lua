-- Applies one change, all or nothing. It holds no rule: what to write is decided by the caller (app/store/plan.py).
--
-- KEYS[1]     stream of events
-- KEYS[2...]  every other key that is touched (entity hashes, index sorted sets, directory hashes and their counts of
--             changes, personal hashes); arguments name them by their place in KEYS
-- ARGV[1]     number of entity writes
-- ARGV[2]     number of index removals
-- ARGV[3]     number of index additions
-- ARGV[4]     number of directory entries
-- ARGV[5]     number of personal fields
-- ARGV[6]     number of events
-- then, one after the other, for each
--   entity write    place of its hash, sid, version text it must begin with ('': must be absent), blob ('': forget)
--   index removal   place of its sorted set, member
--   index addition  place of its sorted set, score, member
--   directory entry  place of its hash, place of the count of changes, name, text (both untouched if the name is in it)
--   personal field  place of its hash, field, text
--   event           blob
--
-- Returns the number (from 1) of the first entity write that met another version: nothing was written;
-- or the list of the ids that the events were given.

local call, at = redis.call, 7
local function take()
  at = at + 1
  return ARGV[at - 1]
end

local function key() return KEYS[tonumber(take())] end

for write = 1, tonumber(ARGV[1]) do
  local held = call('HGET', key(), take())
  local expected = take()
  take()
  if expected == '' then
    if held then return write end
  elseif not held or string.sub(held, 1, #expected) ~= expected then
    return write
  end
end

at = 7
for _ = 1, tonumber(ARGV[1]) do
  local entities, sid = key(), take()
  take()
  local blob = take()
  if blob == '' then
    call('HDEL', entities, sid)
  else
    call('HSET', entities, sid, blob)
  end
end

for _ = 1, tonumber(ARGV[2]) do
  call('ZREM', key(), take())
end

for _ = 1, tonumber(ARGV[3]) do
  call('ZADD', key(), take(), take())
end

for _ = 1, tonumber(ARGV[4]) do
  local directory, changes = key(), key()
  if call('HSETNX', directory, take(), take()) == 1 then
    call('INCR', changes)
  end
end

for _ = 1, tonumber(ARGV[5]) do
  call('HSET', key(), take(), take())
end

local ids = {}
for event = 1, tonumber(ARGV[6]) do
  ids[event] = call('XADD', KEYS[1], '*', 'event', take())
end
return ids
