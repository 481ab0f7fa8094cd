-- A decimal number up to its separator, and how many bytes both have; nil if it is not all there, false if it is none.
local function digits(bytes, at, separator)
  local _, last, number = bytes:find("^([0-9]+)", at)
  if not last then
    if at > #bytes then return nil end
    return false
  end
  if #number > 18 or (#number > 1 and number:sub(1, 1) == "0") then return false end
  if last == #bytes then return nil end
  if bytes:byte(last + 1) ~= separator then return false end
  return tonumber(number), #number + 1
end
