-- Applies one change, all or nothing. It holds no rule: what to write is decided by the caller (app/store/plan.py).
--
-- KEYS[1]     stream of events
-- KEYS[2]     hash of the counts of changes of the directory
-- KEYS[3]     hash of lanes: the first task of each, as text that orders them ('' where none waits)
-- KEYS[4...]  every other key that is touched (entity hashes, index sorted sets, hash of profiles, personal hashes);
--             arguments name them by their place in KEYS
-- ARGV[1]     six lists in msgpack (an argument for each thing would take its time on either side), of
--   entity writes     place of its hash, sid, version text it must begin with ('': must be absent), false: forget it
--   index removals    place of its sorted set, member
--   index additions   place of its sorted set, score, member
--   lanes             place of its sorted set, name; those in which a task begins or ceases to wait
--   profiles          place of the hash of profiles, name, text (nothing changes if it is in it)
--   personal fields   place of its hash, field, text
-- ARGV[2...]  blobs of the entities that are not forgotten, then those of the events
--
-- Returns the number (from 1) of the first entity write that met another version: nothing was written;
-- or the list of the ids that the events were given.

local call, keys = redis.call, KEYS
local writes, removals, additions, lanes, profiles, fields = unpack(cmsgpack.unpack(ARGV[1]))

-- Text that orders members of sorted sets by score and then by themselves: a digit for the sign, sixteen for a whole
-- number below 2^53 (a negative one less its least), the member.
local function front(member, score)
  if score < 0 then return string.format('0%016.0f', score + 9007199254740992) .. member end
  return string.format('1%016.0f', score + 0) .. member
end

for number, write in ipairs(writes) do
  local held, expected = call('HGET', keys[write[1]], write[2]), write[3]
  if expected == '' then
    if held then return number end
  elseif not held or string.sub(held, 1, #expected) ~= expected then
    return number
  end
end

local blob = 2
for _, write in ipairs(writes) do
  if write[4] then
    call('HSET', keys[write[1]], write[2], ARGV[blob])
    blob = blob + 1
  else
    call('HDEL', keys[write[1]], write[2])
  end
end

for _, removal in ipairs(removals) do
  call('ZREM', keys[removal[1]], removal[2])
end

for _, addition in ipairs(additions) do
  call('ZADD', keys[addition[1]], addition[2], addition[3])
end

for _, lane in ipairs(lanes) do
  local first = call('ZRANGE', keys[lane[1]], '0', '0', 'WITHSCORES')
  local text = first[1] and front(first[1], tonumber(first[2])) or ''
  if call('HSET', keys[3], lane[2], text) == 1 then
    call('HINCRBY', keys[2], 'lanes', '1')
  end
end

for _, profile in ipairs(profiles) do
  if call('HSETNX', keys[profile[1]], profile[2], profile[3]) == 1 then
    call('HINCRBY', keys[2], 'profiles', '1')
  end
end

for _, field in ipairs(fields) do
  call('HSET', keys[field[1]], field[2], field[3])
end

local ids = {}
for event = blob, #ARGV do
  ids[event - blob + 1] = call('XADD', keys[1], '*', 'event', ARGV[event])
end
return ids
