-- Reads what matching needs at one instant.
--
-- KEYS[1]      hash of tasks
-- KEYS[2]      hash of workers
-- KEYS[3]      hash of workspaces
-- KEYS[4]      hash of the counts of changes, of lanes and of profiles
-- then         sorted set of waiting tasks of each lane, sorted set of workers of each idle index
-- ARGV[1]      the last place of each to read, from 0
-- ARGV[2]      where in a member of a waiting set the task's sid begins, from 1
-- ARGV[3]      sid of the workspace
-- ARGV[4]      number of lanes
-- ARGV[5]      '1': as many of all lanes together, by score and then member, and of all idle indexes together
-- ARGV[6...]   sids of workers who are asked for by name
--
-- Returns both counts and the blob of the workspace; for each lane the list of sid and blob of its tasks in turn; for
-- each idle index the list of its workers' sids; the list of the sids of all workers, each once however often they
-- appear, and the list of their blobs.

-- Arguments of commands are strings throughout: to turn a number into one takes longer than the command.

local FIXED, MOST = 4, 1000
local call, keys, args = redis.call, KEYS, ARGV
local last, sid_from, lanes, together = args[1], tonumber(args[2]), tonumber(args[4]), args[5] == '1'

-- What a hash holds under each of these fields.
local function held(key, fields)
  if #fields <= MOST then
    return #fields > 0 and call('HMGET', key, unpack(fields)) or {}
  end
  local values = {}
  for at = 1, #fields, MOST do
    local some = call('HMGET', key, unpack(fields, at, math.min(at + MOST - 1, #fields)))
    for n = 1, #some do values[at + n - 1] = some[n] end
  end
  return values
end

local function each(from, count)
  local members = {}
  for n = 1, count do
    members[n] = call('ZRANGE', keys[from + n], '0', last)
  end
  return members
end

local function merged(from, count)
  local members, sets, firsts, scores, heads = {}, {}, {}, {}, 0
  for n = 1, count do
    members[n] = {}
    local found = call('ZRANGE', keys[from + n], '0', '0', 'WITHSCORES')
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
    local found = call('ZRANGE', keys[from + set], place, place, 'WITHSCORES')
    firsts[best], scores[best] = found[1], tonumber(found[2])
  end
  return members
end

-- A list of the first members for each of so many sorted sets after KEYS[from].
local function firsts_of(from, count)
  return (together and count > 1 and merged or each)(from, count)
end

local waiting, sids = firsts_of(FIXED, lanes), {}
for n = 1, lanes do
  for _, member in ipairs(waiting[n]) do
    sids[#sids + 1] = string.sub(member, sid_from)
  end
end
local blobs, at = held(keys[1], sids), 0
for n = 1, lanes do
  local tasks = {}
  for place = 1, #waiting[n] do
    at = at + 1
    tasks[2 * place - 1], tasks[2 * place] = sids[at], blobs[at]
  end
  waiting[n] = tasks
end

local idle = firsts_of(FIXED + lanes, #keys - FIXED - lanes)
local named, known = {}, {}
local function add(sid)
  if not known[sid] then
    known[sid] = true
    named[#named + 1] = sid
  end
end
for _, found in ipairs(idle) do
  for _, sid in ipairs(found) do add(sid) end
end
for n = 6, #args do add(args[n]) end
local workers = held(keys[2], named)

local changes = call('HMGET', keys[4], 'lanes', 'profiles')
return { changes[1], changes[2], call('HGET', keys[3], args[3]), waiting, idle, named, workers }
