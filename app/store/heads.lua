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
-- ARGV[5]      '1': as many of all lanes together, by score and then member, and of all idle indexes together
-- ARGV[6...]   sids of workers who are asked for by name
--
-- Returns four lists: both counts and the blob of the workspace; for each lane sid and blob of its tasks in turn; for
-- each idle index the list of its workers' sids; sid and blob of every worker in turn, each once however often they appear.

local FIXED = 5
local limit, lanes, together = tonumber(ARGV[1]), tonumber(ARGV[4]), ARGV[5] == '1'
local waiting, workers, known = {}, {}, {}

local function scored(key, place)
  local found = redis.call('ZRANGE', key, place, place, 'WITHSCORES')
  return found[1] and { member = found[1], score = tonumber(found[2]) }
end

-- The first members of the sorted sets KEYS[from], KEYS[from + 1] ...: a list for each.
local function firsts(from, count)
  local members, heads = {}, {}
  for n = 1, count do
    members[n] = together and {} or redis.call('ZRANGE', KEYS[from + n - 1], 0, limit - 1)
    local head = together and scored(KEYS[from + n - 1], 0)
    if head then
      head.set = n
      heads[#heads + 1] = head
    end
  end
  for _ = 1, together and limit or 0 do
    local best
    for _, head in ipairs(heads) do
      if head.member and (not best or head.score < best.score
          or (head.score == best.score and head.member < best.member)) then
        best = head
      end
    end
    if not best then break end
    local chosen = members[best.set]
    chosen[#chosen + 1] = best.member
    local following = scored(KEYS[from + best.set - 1], #chosen)
    best.member, best.score = following and following.member, following and following.score
  end
  return members
end

local function add(sid)
  if not known[sid] then
    known[sid] = true
    workers[#workers + 1] = sid
    workers[#workers + 1] = redis.call('HGET', KEYS[2], sid)
  end
end

for n, members in ipairs(firsts(FIXED + 1, lanes)) do
  local tasks = {}
  for place, member in ipairs(members) do
    local sid = string.sub(member, ARGV[2])
    tasks[2 * place - 1] = sid
    tasks[2 * place] = redis.call('HGET', KEYS[1], sid)
  end
  waiting[n] = tasks
end

local idle = firsts(FIXED + lanes + 1, #KEYS - FIXED - lanes)
for _, sids in ipairs(idle) do
  for _, sid in ipairs(sids) do add(sid) end
end

for n = 6, #ARGV do add(ARGV[n]) end

local counts = { redis.call('GET', KEYS[4]), redis.call('GET', KEYS[5]), redis.call('HGET', KEYS[3], ARGV[3]) }
return { counts, waiting, idle, workers }
