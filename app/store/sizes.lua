-- Counts the members of several indexes at one instant.
--
-- KEYS[n]  sorted set of the n-th index
--
-- Returns the list of their sizes.

local sizes = {}
for n = 1, #KEYS do
  sizes[n] = redis.call('ZCARD', KEYS[n])
end
return sizes
