import type { ErrorCode } from './errors.ts';

interface ErrorText {
  readonly meaning: string;
  readonly cause: string;
}

/**
 * What an error means in general, and what brings it about; each thrown one has a message of its own, and `ERRORS` the
 * remedy. Partial, so that a new code compiles before its texts are written; a test asks for every one.
 */
export const ERROR_TEXTS: Readonly<Partial<Record<ErrorCode, ErrorText>>> = {
  BUG: { meaning: 'lmpower did something that it should not', cause: 'A mistake in the program.' },
  USAGE: {
    meaning: 'the command line asks for something that does not exist or does not fit together',
    cause: 'A misspelt word, a value outside its range, or flags that exclude each other.',
  },
  WORKLOAD_INVALID: {
    meaning: 'a file of prompts cannot be used',
    cause: 'It is missing, is no JSON, or breaks the schema; the message names the place.',
  },
  CONFIG_INVALID: {
    meaning: 'a configuration file or a preset cannot be used',
    cause:
      'It is no JSON, has a key that no command knows, a value that the flag would refuse, or says what a project may not.',
  },
  PRESET_UNKNOWN: {
    meaning: 'there is no preset of that name',
    cause: 'A misspelt name, or a preset of another user.',
  },
  PRESET_READ_ONLY: {
    meaning: 'a built-in preset cannot be changed',
    cause: 'Its name is taken: results that quote it must mean the same everywhere.',
  },
  RUN_NOT_FOUND: {
    meaning: 'no such run is recorded',
    cause: 'A misspelt id, another database, or nothing was recorded yet.',
  },
  RUN_AMBIGUOUS: { meaning: 'several runs begin with these characters', cause: 'The prefix is too short.' },
  REPLAY_INVALID: {
    meaning: 'a recording of meter output cannot be replayed',
    cause: 'The file is missing or is not of the named format.',
  },
  NOT_COMPARABLE: {
    meaning: 'the runs differ in something that makes a comparison meaningless',
    cause: 'Another workload, other prompts, another domain, scope or baseline state, or no energy at all.',
  },
  OUTPUT_UNWRITABLE: {
    meaning: 'a result cannot be written where it was asked for',
    cause:
      'The folder is missing or read-only, the name is a folder, or the disk is full. Nothing stands under the name unless it stood there before.',
  },
  IMPORT_INVALID: {
    meaning: 'a file of another program cannot be imported',
    cause:
      'It is damaged, of a format that is not known here, or an entry lacks what a result needs. Nothing was imported.',
  },
  PACKAGE_MISSING: {
    meaning: 'an optional package is not installed',
    cause: 'What few people use is not installed with lmpower; the message names the package.',
  },
  RECEIVER_FAILED: {
    meaning: 'a receiver did not take what was sent to it',
    cause: 'Nobody listens at the address, the path is another one, or it wants credentials.',
  },
  SAMPLER_UNKNOWN: { meaning: 'there is no power source of that name', cause: 'A misspelt id.' },
  SAMPLER_UNAVAILABLE: {
    meaning: 'a power source does not answer on this machine',
    cause: 'The tool is not installed, the hardware has no such meter, or the file cannot be read.',
  },
  SAMPLER_NOT_PERMITTED: {
    meaning: 'a power source needs a right that lmpower does not have',
    cause: 'powermetrics and newer RAPL files are for root alone; a password was not given.',
  },
  POWER_REQUIRED: {
    meaning: 'the run asked for power and there is none',
    cause: '--require-power was given and no source could be used.',
  },
  BACKEND_UNKNOWN: { meaning: 'there is no kind of server of that name', cause: 'A misspelt --backend.' },
  BACKEND_UNREACHABLE: {
    meaning: 'no server answers',
    cause: 'It is not running, listens elsewhere, or a firewall is between.',
  },
  BACKEND_UNAUTHORIZED: {
    meaning: 'the server wants a token, or another one',
    cause: 'Its API is protected and the token is missing or wrong.',
  },
  BACKEND_PROTOCOL: {
    meaning: 'the server answered something that its protocol does not have',
    cause: 'Another program at this address, a proxy, or a version that is too old or too new.',
  },
  BACKEND_TIMEOUT: {
    meaning: 'the server was silent for too long',
    cause: 'It hangs, is still loading, or works on a prompt for longer than --timeout.',
  },
  BACKEND_DISCONNECTED: {
    meaning: 'the server broke the connection',
    cause: 'It ended or crashed, often for want of memory.',
  },
  BACKEND_REFUSED: {
    meaning: 'the server understood the request and refused it',
    cause: 'Its own message says why: a prompt that is too long, a setting that it does not take.',
  },
  SETTING_UNSUPPORTED: {
    meaning: 'this kind of server cannot apply a setting',
    cause: 'A setting that would be dropped in silence is refused before anything is measured.',
  },
  MODEL_NOT_LOADED: {
    meaning: 'no model is in memory and none was named',
    cause: 'The server has just started, or unloaded it by itself.',
  },
  MODEL_NOT_FOUND: {
    meaning: 'the server has no model of that name',
    cause: 'A misspelt key, or a model that is not downloaded.',
  },
  MODEL_LOAD_FAILED: {
    meaning: 'the server could not load the model',
    cause: 'Too little memory for the model and its context, or a file that is damaged or too new.',
  },
  MODEL_UNLOADED: {
    meaning: 'the model left memory while it was needed',
    cause: 'Its time to live passed, or another program loaded something else.',
  },
  MODEL_REMOTE: {
    meaning: 'the model runs on another machine',
    cause: 'The server passes requests on; what they cost there cannot be measured here.',
  },
  RESUME_REFUSED: {
    meaning: 'a run cannot be taken up again',
    cause:
      'It is finished, or the machine, the server or the settings are no longer those it was begun with.',
  },
  STORE_TOO_NEW: { meaning: 'a newer lmpower wrote the database', cause: 'Two versions share one file.' },
  STORE_LOCKED: {
    meaning: 'another program holds the database',
    cause: 'Another run is writing, or a tool has the file open.',
  },
  STORE_CORRUPT: {
    meaning: 'the file is not a sound database of lmpower',
    cause: 'Another kind of file, or a damaged disk; lmpower db check says what is wrong.',
  },
  STORE_UNWRITABLE: {
    meaning: 'the database cannot be opened or written',
    cause: 'A read-only folder, another owner (an earlier sudo), or a full disk.',
  },
  INTERRUPTED: {
    meaning: 'the run was ended by Ctrl-C or a signal',
    cause: 'Somebody, or the end of the session, stopped it.',
  },
};
