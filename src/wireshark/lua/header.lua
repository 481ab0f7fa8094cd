-- Whether one of the headers stands at byte `at`; if too few bytes are there to tell, nil.
local function header_at(headers, bytes, at)
  local there = bytes:sub(at, at + #headers[1] / 2 - 1)
  local hex = there:gsub(".", function(c) return ("%02X"):format(c:byte()) end)
  local begins = false
  for _, header in ipairs(headers) do
    if hex:find("^" .. header:sub(1, #hex)) then
      if #hex == #header then return true end
      begins = true
    end
  end
  if begins then return nil end
  return false
end
