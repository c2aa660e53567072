-- Reads entities of any kinds at one instant.
--
-- KEYS[n]  hash of the n-th entity's kind
-- ARGV[n]  its sid
--
-- Returns a list of blobs, nil where there is none.

local blobs = {}
for n = 1, #KEYS do
  blobs[n] = redis.call('HGET', KEYS[n], ARGV[n])
end
return blobs
