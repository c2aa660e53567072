-- Reads everything live at one instant.
--
-- KEYS[1]       stream of events
-- KEYS[2n]      sorted set that lists the n-th kind's live entities
-- KEYS[2n + 1]  hash of that kind
--
-- Returns the id of the latest event ('0-0': none yet), then for each kind sid and blob of each in turn.

local latest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local answer = { latest[1] and latest[1][1] or '0-0' }
for n = 1, (#KEYS - 1) / 2 do
  local entities = {}
  for place, sid in ipairs(redis.call('ZRANGE', KEYS[2 * n], 0, -1)) do
    entities[2 * place - 1] = sid
    entities[2 * place] = redis.call('HGET', KEYS[2 * n + 1], sid)
  end
  answer[n + 1] = entities
end
return answer
