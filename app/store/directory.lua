-- Reads the directory at one instant.
--
-- KEYS[1]  hash of lanes
-- KEYS[2]  hash of profiles
-- KEYS[3]  hash of the counts of changes
--
-- Returns the names of the lanes; name and text of every profile in turn; both counts, nil where there was no change.

return {
  redis.call('HKEYS', KEYS[1]),
  redis.call('HGETALL', KEYS[2]),
  redis.call('HMGET', KEYS[3], 'lanes', 'profiles'),
}
