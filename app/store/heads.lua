-- Reads the heads of several queues at one instant.
--
-- KEYS[1]           hash of tasks
-- KEYS[2]           hash of workers
-- KEYS[2n + 1]      sorted set of waiting tasks of the n-th queue
-- KEYS[2n + 2]      sorted set of idle workers of the n-th queue
-- ARGV[1]           how many of each to read at most
-- ARGV[2]           where in a member of a waiting set the task's sid begins, from 1
--
-- Returns three lists: for each queue {sids of tasks, sids of workers}; then sid and blob of every task in turn;
-- then sid and blob of every worker in turn, each worker once however many queues they serve.

local last = tonumber(ARGV[1]) - 1
local queues, tasks, workers, known = {}, {}, {}, {}

for n = 1, (#KEYS - 2) / 2 do
  local waiting = redis.call('ZRANGE', KEYS[2 * n + 1], 0, last)
  for place, member in ipairs(waiting) do
    local sid = string.sub(member, ARGV[2])
    waiting[place] = sid
    tasks[#tasks + 1] = sid
    tasks[#tasks + 1] = redis.call('HGET', KEYS[1], sid)
  end
  local idle = redis.call('ZRANGE', KEYS[2 * n + 2], 0, last)
  for _, sid in ipairs(idle) do
    if not known[sid] then
      known[sid] = true
      workers[#workers + 1] = sid
      workers[#workers + 1] = redis.call('HGET', KEYS[2], sid)
    end
  end
  queues[n] = { waiting, idle }
end
return { queues, tasks, workers }
