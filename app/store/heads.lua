-- Reads what matching needs at one instant.
--
-- KEYS[1]      hash of tasks
-- KEYS[2]      hash of workers
-- KEYS[3]      hash of workspaces
-- KEYS[4]      hash of the counts of changes, of lanes and of profiles
-- KEYS[5]      hash of lanes: the first task of each, as text that orders them
-- then         sorted set of waiting tasks of each lane, sorted set of workers of each idle index
-- ARGV[1]      the last place of each to read, from 0
-- ARGV[2]      where in a member of a waiting set the task's sid begins, from 1
-- ARGV[3]      sid of the workspace
-- ARGV[4]      number of lanes whose sorted sets are among the keys
-- ARGV[5]      '1': as many of all idle indexes together, by score and then member
-- ARGV[6]      names of the lanes of whose first tasks as many together are read, as one msgpack list
-- then         sids of workers who are asked for by name
--
-- Returns both counts and the blob of the workspace; number of the lane, sid and blob of every task in turn; for each
-- idle index the list of its workers' sids; the list of the sids of all workers, each once however often they appear,
-- and the list of their blobs.
-- Arguments of commands are strings throughout: to turn a number into one takes longer than the command.

local FIXED, MOST, BEFORE_MEMBER = 5, 1000, 17
local call, keys, args = redis.call, KEYS, ARGV
local last, sid_from, lanes, compared = args[1], tonumber(args[2]), tonumber(args[4]), cmsgpack.unpack(args[6])

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

local numbers, sids = {}, {}
for n, members in ipairs(each(FIXED, lanes)) do
  for _, member in ipairs(members) do
    numbers[#numbers + 1] = n
    sids[#sids + 1] = string.sub(member, sid_from)
  end
end

local fronts = held(keys[5], compared)
for _ = 0, #compared > 0 and tonumber(last) or -1 do
  local best, first
  for n, text in ipairs(fronts) do
    if text and text ~= '' and (not best or text < first) then best, first = n, text end
  end
  if not best then break end
  fronts[best] = false
  numbers[#numbers + 1] = best
  sids[#sids + 1] = string.sub(first, BEFORE_MEMBER + sid_from)
end

local tasks = {}
for n, blob in ipairs(held(keys[1], sids)) do
  tasks[3 * n - 2], tasks[3 * n - 1], tasks[3 * n] = numbers[n], sids[n], blob
end

local idle_sets = #keys - FIXED - lanes
local idle = (args[5] == '1' and idle_sets > 1 and merged or each)(FIXED + lanes, idle_sets)
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
for n = 7, #args do add(args[n]) end
local workers = held(keys[2], named)

local changes = call('HMGET', keys[4], 'lanes', 'profiles')
return { changes[1], changes[2], call('HGET', keys[3], args[3]), tasks, idle, named, workers }
