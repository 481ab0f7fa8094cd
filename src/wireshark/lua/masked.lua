-- The bits of a number that are also in a mask.
local function masked(value, mask)
  local result, place = 0, 1
  while value > 0 and mask > 0 do
    if value % 2 == 1 and mask % 2 == 1 then result = result + place end
    value, mask, place = math.floor(value / 2), math.floor(mask / 2), place * 2
  end
  return result
end
