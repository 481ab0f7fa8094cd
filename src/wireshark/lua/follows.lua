-- Whether a frame could begin at byte `at`, and whether more bytes could change the answer.
local function follows(bytes, at)
  if at > #bytes then return true, true end
  local open = false
  for _, kind in ipairs(frame_types) do
    if not kind.headers then return true, false end
    local header = header_at(kind.headers, bytes, at) --? header
    if header then return true, false end --? header
    if header == nil then open = true end --? header
  end
  return open, open
end
