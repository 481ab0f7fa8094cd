-- Ports: those of the preference, and whatever is chosen with "Decode As".
local tcp_ports = DissectorTable.get("tcp.port")
local registered = ""

local function register()
  if registered ~= "" then tcp_ports:remove(registered, proto) end
  registered = proto.prefs.ports
  if registered ~= "" then tcp_ports:add(registered, proto) end
end

proto.prefs_changed = register
register()
tcp_ports:add_for_decode_as(proto)
