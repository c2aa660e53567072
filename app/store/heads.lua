-- Reads what matching needs at one instant.
--
-- KEYS[1]      hash of tasks
-- KEYS[2]      hash of workers
-- KEYS[3]      hash of workspaces
-- KEYS[4]      count of changes of the lanes
-- KEYS[5]      count of changes of the profiles
-- then         sorted set of waiting tasks of each lane, sorted set of workers of each idle index
-- ARGV[1]      the last place of each to read, from 0
-- ARGV[2]      where in a member of a waiting set the task's sid begins, from 1
-- ARGV[3]      sid of the workspace
-- ARGV[4]      number of lanes
-- ARGV[5]      '1': as many of all lanes together, by score and then member, and of all idle indexes together
-- ARGV[6...]   sids of workers who are asked for by name
--
-- Returns four lists: both counts and the blob of the workspace; for each lane sid and blob of its tasks in turn; for
-- each idle index the list of its workers' sids; sid and blob of every worker in turn, each once however often they appear.

-- Arguments of commands are strings throughout: to turn a number into one takes longer than the command.

local FIXED = 5
local call = redis.call
local last, sid_from, lanes, together = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4]), ARGV[5] == '1'
local waiting, workers, known = {}, {}, {}

local function each(from, count)
  local members = {}
  for n = 1, count do
    members[n] = call('ZRANGE', KEYS[from + n], '0', last)
  end
  return members
end

local function merged(from, count)
  local members, sets, firsts, scores, heads = {}, {}, {}, {}, 0
  for n = 1, count do
    members[n] = {}
    local found = call('ZRANGE', KEYS[from + n], '0', '0', 'WITHSCORES')
    if found[1] then
      heads = heads + 1
      sets[heads], firsts[heads], scores[heads] = n, found[1], tonumber(found[2])
    end
  end
  for _ = 0, tonumber(last) do
    local best, member, score
    for head = 1, heads do
      local other = scores[head]
      if other and (not best or other < score or (other == score and firsts[head] < member)) then
        best, member, score = head, firsts[head], other
      end
    end
    if not best then break end
    local set = sets[best]
    local chosen = members[set]
    chosen[#chosen + 1] = member
    local place = tostring(#chosen)
    local found = call('ZRANGE', KEYS[from + set], place, place, 'WITHSCORES')
    firsts[best], scores[best] = found[1], tonumber(found[2])
  end
  return members
end

-- A list of the first members for each of so many sorted sets after KEYS[from].
local firsts_of = together and merged or each

local function add(sid)
  if not known[sid] then
    known[sid] = true
    workers[#workers + 1] = sid
    workers[#workers + 1] = call('HGET', KEYS[2], sid)
  end
end

for n, members in ipairs(firsts_of(FIXED, lanes)) do
  local tasks = {}
  for place, member in ipairs(members) do
    local sid = string.sub(member, sid_from)
    tasks[2 * place - 1] = sid
    tasks[2 * place] = call('HGET', KEYS[1], sid)
  end
  waiting[n] = tasks
end

local idle = firsts_of(FIXED + lanes, #KEYS - FIXED - lanes)
for _, sids in ipairs(idle) do
  for _, sid in ipairs(sids) do add(sid) end
end

for n = 6, #ARGV do add(ARGV[n]) end

local counts = { call('GET', KEYS[4]), call('GET', KEYS[5]), call('HGET', KEYS[3], ARGV[3]) }
return { counts, waiting, idle, workers }
