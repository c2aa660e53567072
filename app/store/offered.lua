-- Reads a reservation and everything it concerns at one instant.
--
-- KEYS[1]  hash of reservations
-- KEYS[2]  hash of tasks
-- KEYS[3]  hash of calls
-- KEYS[4]  hash of workers
-- ARGV[1]  sid of the reservation
-- ARGV[2]  where in a blob the JSON begins, from 1
--
-- Returns the blobs of the reservation, its task, its call and its worker, then in turn sid and blob of each other
-- reservation of the task and the blob of its worker; nil where there is none. Nothing if there is no reservation.

local function json(blob)
  local readable, value = pcall(cjson.decode, string.sub(blob or '', ARGV[2]))
  return readable and type(value) == 'table' and value or {}
end

local function held(key, sid) return type(sid) == 'string' and redis.call('HGET', key, sid) end

local reservation = held(KEYS[1], ARGV[1])
if not reservation then return {} end

local offer = json(reservation)
local task = held(KEYS[2], offer.task)
local answer = { reservation, task, held(KEYS[3], offer.call), held(KEYS[4], offer.worker) }

-- Nearly always this is the task's only reservation: then it says so, and says nothing else of reservations, not even
-- somewhere among its attributes. To read all of it takes longer than everything else here.
local says = '"reservations":['
local only = says .. '"' .. ARGV[1] .. '"]'
local from, to = string.find(task or '', says, 1, true)
if from and string.sub(task, from, from + #only - 1) == only and not string.find(task, says, to, true) then
  return answer
end

for _, sid in ipairs(json(task).reservations or {}) do
  local other = sid ~= ARGV[1] and held(KEYS[1], sid)
  if other then
    local place = #answer
    answer[place + 1], answer[place + 2], answer[place + 3] = sid, other, held(KEYS[4], json(other).worker)
  end
end
return answer
