-- The lowest `width` bits of a number, in reverse order.
local function reversed(number, width)
  local result = 0
  for _ = 1, width do
    local low = number % 2
    result, number = result * 2 + low, (number - low) / 2
  end
  return result
end
