-- Counts one more within a window that begins with its first.
--
-- KEYS[1]  the counter
-- ARGV[1]  length of the window in seconds
--
-- Returns the count.

local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end
return count
