-- Adds a frame to the packet's tree.
local function show(kind, frame, tree)
  local item = tree:add(proto, frame, ("%s, %s, %d bytes"):format(proto.name, kind.name, frame:len()))
  item:add(f.type, frame, kind.name):set_generated()
  item:add(f.size, frame, frame:len()):set_generated()
  kind.show(frame, item)
  return item
end

-- Adds bytes that belong to no frame.
local function show_fault(bytes, tree)
  local item = tree:add(proto, bytes, ("%s, no frame, %d bytes"):format(proto.name, bytes:len()))
  item:add_proto_expert_info(fault, ("%d bytes that are no frame"):format(bytes:len()))
end
