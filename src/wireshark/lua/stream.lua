-- What was received, by connection and direction. A run is bytes without a hole. Each run is parsed by itself, so that
-- a hole which is never filled hides nothing; when a hole is filled, both its sides become one run and are parsed anew.
local MAX_HELD_BYTES = 2 ^ 20  -- of a run that may still be joined with one before it
local MAX_UNKNOWN_BYTES = 2 ^ 20  -- of a stream without a frame, when no port is set

local streams = {}
local packets = {}  -- by packet number: the frames to show there

local function forget()
  streams, packets = {}, {}
end
proto.init = forget

-- The number of the last packet that brought bytes of a range; its piece too, if all of them came in one.
local function packet_of(run, from, to)
  local packet, single, count = 0, nil, 0
  for _, piece in ipairs(run.pieces) do
    if piece.from < to and from < piece.to then
      packet, single, count = math.max(packet, piece.packet), piece, count + 1
    end
  end
  return packet, count == 1 and single or nil
end

local function add_entry(run, entry, from, bytes)
  local to = from + #bytes
  local packet, piece = packet_of(run, from, to)
  entry.stream, entry.size = run.stream, #bytes
  if piece then
    entry.payload, entry.at = piece.payload, piece.skip + from - piece.from
  else
    entry.bytes = bytes
  end
  packets[packet] = packets[packet] or {}
  table.insert(packets[packet], entry)
  table.insert(run.entries, entry)
end

local function add_no_frame(run, at, bytes)
  if run.no_frame and run.synced then
    local from = run.no_frame
    add_entry(run, {}, from, bytes:sub(from - run.start + 1, at - 1))
  end
  run.no_frame = nil
end

-- The offset where hunting goes on. --? segment
local function next_mark(run, offset) --? segment
  for _, piece in ipairs(run.pieces) do --? segment
    if piece.begins_segment and piece.from > offset then return piece.from end --? segment
  end --? segment
  return run.to --? segment
end --? segment

-- Finds the frames in the bytes of a run that came since the last time.
local function parse(run)
  if run.to < run.need then return end
  if #run.chunks > 1 then run.chunks = { table.concat(run.chunks) } end
  local bytes = run.chunks[1]
  if run.tentative then
    -- What follows the last frame is known now: decide again.
    run.tentative.removed = true
    run.position, run.tentative = run.tentative.position, nil
  end
  local at = run.position - run.start + 1
  while at <= #bytes do
    local kind, size, bad_sum, open = frame_at(bytes, at)
    if kind then
      local offset = run.start + at - 1
      add_no_frame(run, at, bytes)
      local entry = { kind = kind, bad_sum = bad_sum, position = offset }
      add_entry(run, entry, offset, bytes:sub(at, at + size - 1))
      run.synced, run.stream.found = true, true
      run.tentative = open and at + size > #bytes and entry or nil
      at = at + size
    elseif size then
      run.need = size == true and run.to + 1 or run.start + at - 1 + size
      break
    else
      run.no_frame = run.no_frame or run.start + at - 1
      at = at + 1 --? scan
      at = next_mark(run, run.start + at - 1) - run.start + 1 --? segment
    end
  end
  run.position = run.start + at - 1
end

-- Drops the bytes of a run that nothing needs any more.
local function trim(run)
  if run.joinable and run.to - run.start <= MAX_HELD_BYTES then return end
  run.joinable, run.entries = false, {}
  local keep = math.min(run.position, run.no_frame or run.position)
  if run.tentative then keep = math.min(keep, run.tentative.position) end
  if run.to - keep > MAX_HELD_BYTES and run.no_frame then
    keep = run.position
    run.no_frame = keep
  end
  if keep - run.start < 65536 and keep < run.to then return end
  local bytes = table.concat(run.chunks)
  run.chunks, run.start = { bytes:sub(keep - run.start + 1) }, keep
  while run.pieces[1] and run.pieces[1].to <= keep do table.remove(run.pieces, 1) end
end

local function new_run(stream, at, piece, chunk)
  local run = {
    stream = stream, from = piece.from, to = piece.to,  -- offsets in the stream
    start = piece.from,  -- of the bytes that are kept
    position = piece.from,  -- of the next byte to parse
    need = 0,  -- the end that a frame must reach to be complete
    joinable = not (stream.syn and piece.from == 0), synced = stream.syn and piece.from == 0,
    chunks = { chunk }, pieces = { piece }, entries = {},
  }
  table.insert(stream.runs, at, run)
  return run
end

-- Appends the next run to a run; what was found in it is found again.
local function join(stream, at)
  local run, after = stream.runs[at], stream.runs[at + 1]
  for _, entry in ipairs(after.entries) do entry.removed = true end
  for _, chunk in ipairs(after.chunks) do table.insert(run.chunks, chunk) end
  for _, piece in ipairs(after.pieces) do table.insert(run.pieces, piece) end
  run.to = after.to
  table.remove(stream.runs, at + 1)
end

-- Adds bytes that no earlier packet brought, before the run `at` of the stream.
local function add_piece(stream, at, piece, chunk)
  local before, after = stream.runs[at - 1], stream.runs[at]
  if before and before.to == piece.from then
    table.insert(before.chunks, chunk)
    table.insert(before.pieces, piece)
    before.to = piece.to
    at = at - 1
  else
    new_run(stream, at, piece, chunk)
  end
  if after and after.from == piece.to and after.joinable then join(stream, at) end
  parse(stream.runs[at])
  trim(stream.runs[at])
end

-- Adds a segment; the bytes that came first stay.
local function add_segment(stream, from, bytes, packet, payload)
  local to, segment, at = from + #bytes, from, 1
  while from < to do
    while stream.runs[at] and stream.runs[at].to <= from do at = at + 1 end
    local run = stream.runs[at]
    if run and run.from <= from then
      from = run.to
    else
      local stop = run and math.min(run.from, to) or to
      local piece = {
        from = from, to = stop, packet = packet, payload = payload, skip = from - segment,
        begins_segment = from == segment,
      }
      add_piece(stream, at, piece, bytes:sub(from - segment + 1, stop - segment))
      from, at = stop, 1
    end
  end
end

-- The stream of a segment, and the offset of its sequence number, which is the one nearest to the last.
local function locate(key, seq, syn)
  local stream = streams[key]
  if not stream then
    stream = { first = seq, last = 0, syn = syn, runs = {} }
    streams[key] = stream
  end
  local offset = (seq - stream.first - stream.last) % 2 ^ 32
  if offset >= 2 ^ 31 then offset = offset - 2 ^ 32 end
  offset = offset + stream.last
  stream.last = math.max(stream.last, offset)
  return stream, offset
end
