-- Applies one change, all or nothing. It holds no rule: what to write is decided by the caller (app/store/plan.py).
--
-- KEYS[1]     stream of events
-- KEYS[2]     hash of the counts of changes of the directory
-- KEYS[3...]  every other key that is touched (entity hashes, index sorted sets, directory hashes, personal hashes);
--             arguments name them by their place in KEYS
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
--   directory entry  place of its hash, name of its count of changes, name, text (nothing changes if it is in it)
--   personal field  place of its hash, field, text
--   event           blob
--
-- Returns the number (from 1) of the first entity write that met another version: nothing was written;
-- or the list of the ids that the events were given.

local call, keys, args = redis.call, KEYS, ARGV
local writes, removals, additions = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
local entries, fields, events = tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
local function key(at) return keys[tonumber(args[at])] end

local at = 7
for write = 1, writes do
  local held, expected = call('HGET', key(at), args[at + 1]), args[at + 2]
  if expected == '' then
    if held then return write end
  elseif not held or string.sub(held, 1, #expected) ~= expected then
    return write
  end
  at = at + 4
end

at = 7
for _ = 1, writes do
  local blob = args[at + 3]
  if blob == '' then
    call('HDEL', key(at), args[at + 1])
  else
    call('HSET', key(at), args[at + 1], blob)
  end
  at = at + 4
end

for _ = 1, removals do
  call('ZREM', key(at), args[at + 1])
  at = at + 2
end

for _ = 1, additions do
  call('ZADD', key(at), args[at + 1], args[at + 2])
  at = at + 3
end

for _ = 1, entries do
  if call('HSETNX', key(at), args[at + 2], args[at + 3]) == 1 then
    call('HINCRBY', keys[2], args[at + 1], '1')
  end
  at = at + 4
end

for _ = 1, fields do
  call('HSET', key(at), args[at + 1], args[at + 2])
  at = at + 3
end

local ids, stream = {}, keys[1]
for event = 1, events do
  ids[event] = call('XADD', stream, '*', 'event', args[at])
  at = at + 1
end
return ids
