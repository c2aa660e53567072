-- Strikes lanes out of the directory in which no task waits. A lane that gets its next task is entered again by that
-- commit.
--
-- KEYS[1]      hash of lanes
-- KEYS[2]      hash of the counts of changes
-- KEYS[n + 2]  sorted set of waiting tasks of the n-th lane
-- ARGV[n]      name of the n-th lane
--
-- Returns how many were struck out.

local struck = 0
for n = 1, #ARGV do
  if redis.call('EXISTS', KEYS[n + 2]) == 0 then
    struck = struck + redis.call('HDEL', KEYS[1], ARGV[n])
  end
end
if struck > 0 then redis.call('HINCRBY', KEYS[2], 'lanes', '1') end
return struck
