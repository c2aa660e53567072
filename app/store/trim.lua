-- Drops the events that every group of followers has acknowledged, all but the latest ones. With no group at all it
-- drops nothing: somebody may still come to follow.
--
-- KEYS[1]  stream of events
-- ARGV[1]  how many of the latest events to keep in any case
--
-- Returns how many were dropped.

if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local groups = redis.call('XINFO', 'GROUPS', KEYS[1])
local kept = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[1])
if #groups == 0 or #kept < tonumber(ARGV[1]) then return 0 end

local function parts(id)
  local instant, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(instant), tonumber(sequence), instant
end

local function earlier(one, other)
  local instant, sequence = parts(one)
  local other_instant, other_sequence = parts(other)
  return instant < other_instant or (instant == other_instant and sequence < other_sequence)
end

local function following(id)
  local _, sequence, instant = parts(id)
  return instant .. '-' .. string.format('%.0f', sequence + 1)
end

local first = kept[#kept][1]
for _, flat in ipairs(groups) do
  local group = {}
  for at = 1, #flat, 2 do group[flat[at]] = flat[at + 1] end
  local needed = following(group['last-delivered-id'])
  if group['pending'] > 0 then
    needed = redis.call('XPENDING', KEYS[1], group['name'])[2]
  end
  if earlier(needed, first) then first = needed end
end
return redis.call('XTRIM', KEYS[1], 'MINID', first)
