-- Reads what matching needs at one instant.
--
-- KEYS[1]      hash of tasks
-- KEYS[2]      hash of workers
-- KEYS[3]      hash of workspaces
-- KEYS[4]      count of changes of the lanes
-- KEYS[5]      count of changes of the profiles
-- then         sorted set of waiting tasks of each lane, sorted set of workers of each idle index
-- ARGV[1]      how many of each to read at most
-- ARGV[2]      where in a member of a waiting set the task's sid begins, from 1
-- ARGV[3]      sid of the workspace
-- ARGV[4]      number of lanes
-- ARGV[5...]   sids of workers who are asked for by name
--
-- Returns four lists: both counts and the blob of the workspace; for each lane sid and blob of its tasks in turn; for
-- each idle index the list of its workers' sids; sid and blob of every worker in turn, each once however often they appear.

local FIXED = 5
local last, lanes = tonumber(ARGV[1]) - 1, tonumber(ARGV[4])
local waiting, idle, workers, known = {}, {}, {}, {}

local function add(sid)
  if not known[sid] then
    known[sid] = true
    workers[#workers + 1] = sid
    workers[#workers + 1] = redis.call('HGET', KEYS[2], sid)
  end
end

for n = 1, lanes do
  local tasks = {}
  for place, member in ipairs(redis.call('ZRANGE', KEYS[FIXED + n], 0, last)) do
    local sid = string.sub(member, ARGV[2])
    tasks[2 * place - 1] = sid
    tasks[2 * place] = redis.call('HGET', KEYS[1], sid)
  end
  waiting[n] = tasks
end

for n = 1, #KEYS - FIXED - lanes do
  idle[n] = redis.call('ZRANGE', KEYS[FIXED + lanes + n], 0, last)
  for _, sid in ipairs(idle[n]) do add(sid) end
end

for n = 5, #ARGV do add(ARGV[n]) end

local counts = { redis.call('GET', KEYS[4]), redis.call('GET', KEYS[5]), redis.call('HGET', KEYS[3], ARGV[3]) }
return { counts, waiting, idle, workers }
