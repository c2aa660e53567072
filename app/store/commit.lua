-- Applies one change, all or nothing. It holds no rule: what to write is decided by the caller (app/store/plan.py).
--
-- KEYS[1]     stream of events
-- KEYS[2]     hash of the counts of changes of the directory
-- KEYS[3]     hash of lanes: the first task of each, as text that orders them ('' where none waits)
-- KEYS[4...]  every other key that is touched (entity hashes, index sorted sets, hash of profiles, personal hashes);
--             arguments name them by their place in KEYS
-- ARGV[1]     number of entity writes
-- ARGV[2]     number of index removals
-- ARGV[3]     number of index additions
-- ARGV[4]     number of lanes in which a task begins or ceases to wait
-- ARGV[5]     number of profiles
-- ARGV[6]     number of personal fields
-- ARGV[7]     number of events
-- then, one after the other, for each
--   entity write    place of its hash, sid, version text it must begin with ('': must be absent), blob ('': forget)
--   index removal   place of its sorted set, member
--   index addition  place of its sorted set, score, member
--   lane            place of its sorted set, name
--   profile         place of the hash of profiles, name, text (nothing changes if it is in it)
--   personal field  place of its hash, field, text
--   event           blob
--
-- Returns the number (from 1) of the first entity write that met another version: nothing was written;
-- or the list of the ids that the events were given.

local call, keys, args = redis.call, KEYS, ARGV
local writes, removals, additions, lanes = tonumber(args[1]), tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
local profiles, fields, events = tonumber(args[5]), tonumber(args[6]), tonumber(args[7])
local function key(at) return keys[tonumber(args[at])] end

-- Text that orders members of sorted sets by score and then by themselves: a digit for the sign, sixteen for a whole
-- number below 2^53 (a negative one less its least), the member.
local function front(member, score)
  if score < 0 then return string.format('0%016.0f', score + 9007199254740992) .. member end
  return string.format('1%016.0f', score + 0) .. member
end

local at = 8
for write = 1, writes do
  local held, expected = call('HGET', key(at), args[at + 1]), args[at + 2]
  if expected == '' then
    if held then return write end
  elseif not held or string.sub(held, 1, #expected) ~= expected then
    return write
  end
  at = at + 4
end

at = 8
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

for _ = 1, lanes do
  local first = call('ZRANGE', key(at), '0', '0', 'WITHSCORES')
  local text = first[1] and front(first[1], tonumber(first[2])) or ''
  if call('HSET', keys[3], args[at + 1], text) == 1 then
    call('HINCRBY', keys[2], 'lanes', '1')
  end
  at = at + 2
end

for _ = 1, profiles do
  if call('HSETNX', key(at), args[at + 1], args[at + 2]) == 1 then
    call('HINCRBY', keys[2], 'profiles', '1')
  end
  at = at + 3
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
