-- The size up to the first end marker behind the header; nil if it has not come yet, false if it comes too late.
local function search(bytes, at, header, ending, max)
  local _, last = bytes:find(ending, at + header, true)
  if last then return last - at + 1 end
  if #bytes - at + 1 > max then return false end
  return nil
end
