/** Marks the file as lmpower's: 'lmpw'. Source: PRAGMA application_id, sqlite.org/pragma.html */
export const APPLICATION_ID = 0x6c6d7077;

const FIRST = `
CREATE TABLE run (
  runKey INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  startedAt TEXT NOT NULL,
  origin_s REAL NOT NULL,
  state TEXT NOT NULL,
  toolVersion TEXT NOT NULL,
  methodVersion INTEGER NOT NULL,
  baselineState TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  plan TEXT NOT NULL CHECK (json_valid(plan)),
  environment TEXT NOT NULL CHECK (json_valid(environment))
) STRICT;

CREATE TABLE domain (
  domainKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  id TEXT NOT NULL,
  label TEXT NOT NULL,
  parent TEXT,
  scope TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  rank REAL NOT NULL,
  quantum_J REAL NOT NULL,
  rails REAL NOT NULL,
  minPower_W REAL NOT NULL,
  maxPower_W REAL NOT NULL,
  misalignment_s REAL NOT NULL,
  averaging_s REAL,
  systematicRatio REAL,
  UNIQUE (runKey, id)
) STRICT;

-- Samples of one domain and one flush: Float64 columns, little-endian, one after the other:
-- start_s, end_s, energy_J and, where hasPower, startPower_W, endPower_W (NaN: not given).
CREATE TABLE chunk (
  chunkKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  domain TEXT NOT NULL,
  kind TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count > 0),
  hasPower INTEGER NOT NULL CHECK (hasPower IN (0, 1)),
  first_s REAL NOT NULL,
  last_s REAL NOT NULL,
  columns BLOB NOT NULL
) STRICT;
CREATE INDEX chunkOfRun ON chunk (runKey);

CREATE TABLE trial (
  trialKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  "index" INTEGER NOT NULL,
  model TEXT NOT NULL,
  workload TEXT NOT NULL,
  promptId TEXT NOT NULL,
  category TEXT NOT NULL,
  repetition INTEGER NOT NULL,
  truth TEXT CHECK (truth IS NULL OR json_valid(truth)),
  UNIQUE (runKey, "index")
) STRICT;

-- trialKey null: a phase of the run itself.
CREATE TABLE phase (
  phaseKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  trialKey INTEGER REFERENCES trial ON DELETE CASCADE,
  kind TEXT NOT NULL,
  start_s REAL NOT NULL,
  end_s REAL NOT NULL
) STRICT;
CREATE INDEX phaseOfRun ON phase (runKey);
CREATE INDEX phaseOfTrial ON phase (trialKey);

-- tokens: columns arrival_s, count_tok (Float64 little-endian, NaN: unknown), then one byte of sort each.
CREATE TABLE completion (
  completionKey INTEGER PRIMARY KEY,
  trialKey INTEGER NOT NULL REFERENCES trial ON DELETE CASCADE,
  promptId TEXT NOT NULL,
  requested_s REAL NOT NULL,
  promptStart_s REAL,
  promptEnd_s REAL,
  firstToken_s REAL,
  lastToken_s REAL,
  ended_s REAL NOT NULL,
  input_tok REAL,
  cached_tok REAL,
  output_tok REAL,
  reasoning_tok REAL,
  draft_tok REAL,
  accepted_tok REAL,
  tokenSource TEXT,
  stopReason TEXT NOT NULL,
  text TEXT NOT NULL,
  serverStatistics TEXT NOT NULL CHECK (json_valid(serverStatistics)),
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  tokens BLOB NOT NULL
) STRICT;
CREATE INDEX completionOfTrial ON completion (trialKey);

CREATE TABLE observation (
  observationKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  source TEXT NOT NULL,
  name TEXT NOT NULL,
  at_s REAL NOT NULL,
  value ANY NOT NULL
) STRICT;
CREATE INDEX observationOfRun ON observation (runKey);

CREATE TABLE event (
  eventKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  code TEXT NOT NULL,
  source TEXT NOT NULL,
  at_s REAL NOT NULL,
  domain TEXT,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX eventOfRun ON event (runKey);

CREATE TABLE mark (
  markKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  monotonic_s REAL NOT NULL,
  wallAt TEXT NOT NULL
) STRICT;
CREATE INDEX markOfRun ON mark (runKey);

CREATE TABLE document (
  runKey INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;
`;

/** What a phase of the run itself is about; trials whose completions are one block of requests. */
const SECOND = `
ALTER TABLE phase ADD COLUMN state TEXT;
ALTER TABLE phase ADD COLUMN model TEXT;
ALTER TABLE trial ADD COLUMN block INTEGER NOT NULL DEFAULT 0 CHECK (block IN (0, 1));
`;

/** What people say of a run; the newest run is found by its start, as one of another machine may come in late. */
const THIRD = `
CREATE TABLE tag (
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (runKey, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  runKey INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;

CREATE INDEX runByStart ON run (startedAt);
CREATE INDEX modelOfTrial ON trial (runKey, model);
`;

/** Models that could not be had, later sittings of a run, and what came out of each trial, by its configuration. */
const FOURTH = `
CREATE TABLE failure (
  failureKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  model TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  at_s REAL NOT NULL
) STRICT;
CREATE INDEX failureOfRun ON failure (runKey);

CREATE TABLE session (
  sessionKey INTEGER PRIMARY KEY,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  startedAt TEXT NOT NULL,
  origin_s REAL NOT NULL,
  start_s REAL NOT NULL,
  toolVersion TEXT NOT NULL
) STRICT;
CREATE INDEX sessionOfRun ON session (runKey);

-- Computed from the recording, hence replaceable: the headline's answer. configuration: SHA-256, see the orchestrator.
CREATE TABLE result (
  trialKey INTEGER PRIMARY KEY REFERENCES trial ON DELETE CASCADE,
  runKey INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  configuration TEXT NOT NULL,
  methodVersion INTEGER NOT NULL,
  isUsable INTEGER NOT NULL CHECK (isUsable IN (0, 1)),
  domain TEXT,
  gross_J REAL,
  net_J REAL,
  output_tok REAL,
  duration_s REAL,
  grade TEXT
) STRICT;
CREATE INDEX resultOfRun ON result (runKey);
CREATE INDEX resultOfConfiguration ON result (configuration);
`;

/** Step n brings a file from `user_version` n to n + 1. Steps are never changed, only added. */
export const MIGRATIONS: readonly string[] = [FIRST, SECOND, THIRD, FOURTH];
