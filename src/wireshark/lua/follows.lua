-- Whether a frame could begin at byte `at`, or nothing has come behind the last one.
local function follows(bytes, at)
  if at > #bytes then return true end
  for _, kind in ipairs(frame_types) do
    if not kind.headers then return true end
    if header_at(kind.headers, bytes, at) ~= false then return true end --? header
  end
  return false
end
