import type { Seconds } from '../../core/units.ts';
import type { JsonRecord } from './json.ts';

/**
 * What goes wrong once `after_tok` tokens of an answer were sent. `drop`: the connection is cut. `truncate`: the stream
 * ends as if all were well, without its closing message. `stall`: nothing more comes. `evict`: the model is unloaded,
 * told as a stop reason. `evict-error`: the same, told as an error. `error`: the engine fails. `garbage`: one message
 * that no client can read, then on as before. `bad-fragment`: one token message lacks a required field.
 */
export interface StreamFault {
  readonly kind:
    | 'drop'
    | 'truncate'
    | 'stall'
    | 'evict'
    | 'evict-error'
    | 'error'
    | 'garbage'
    | 'bad-fragment';
  readonly after_tok: number;
  /** Answers that suffer it; not given: all until it is switched off. */
  readonly times?: number;
}

/**
 * What goes wrong with the reply of `endpoint` (REST path, RPC or channel name; not given: all of them). `never`: no
 * reply. `slow`: after `delay_s`. `html`: a web page where JSON belongs (REST). `error-200`: `{error}` with status 200
 * (REST). `status`: a refusal with `status` and `message` (HTTP). `unknown-endpoint`: the server does not know the call.
 */
export interface ReplyFault {
  readonly kind: 'never' | 'slow' | 'html' | 'error-200' | 'status' | 'unknown-endpoint';
  readonly status?: number;
  readonly message?: string;
  readonly endpoint?: string;
  readonly delay_s?: Seconds;
}

/** Switched by tests while the server runs; `null` and `false` everywhere is a healthy server. */
export interface LmStudioFaults {
  refuseAuth: boolean;
  reply: ReplyFault | null;
  stream: StreamFault | null;
  /** The model is gone by the time a prediction is asked for; once, then the switch falls back. */
  evictBeforePredict: boolean;
  /**
   * The closing message of an SDK prediction. `null-rate`: `tokensPerSecond: null`, which the SDK cannot parse.
   * `unknown-stop`: a stop reason it does not know. `no-close`: the channel stays open. `no-success`: closed without it.
   */
  ending: 'null-rate' | 'unknown-stop' | 'no-close' | 'no-success' | null;
  /** Every list of models holds one of a type that the SDK does not know. */
  unknownModelType: boolean;
  /** The SDK gets models without `deviceIdentifier`, as servers before 0.4.3 sent them. */
  oldModelShape: boolean;
  /** Prompt progress without `details`, as servers before 0.4.0 sent it. */
  oldPromptProgress: boolean;
  /** Wire keys and the values that are in force whatever was asked for: `{'llm.load.contextLength': 4096}`. */
  loadSettings: JsonRecord;
  /** Models are not loaded because a request names them. */
  noJustInTime: boolean;
  /** OpenAI counts are one too low where the limit ended the answer. Source: LM Studio bug tracker, issue 2335. */
  shortCount: boolean;
  /** Text of the engine's refusal to load. */
  loadFails: string | null;
}

export function noFaults(): LmStudioFaults {
  return {
    refuseAuth: false,
    reply: null,
    stream: null,
    evictBeforePredict: false,
    ending: null,
    unknownModelType: false,
    oldModelShape: false,
    oldPromptProgress: false,
    loadSettings: {},
    noJustInTime: false,
    shortCount: false,
    loadFails: null,
  };
}

/** The fault that `endpoint`'s reply suffers now, if any. */
export function replyFault(faults: LmStudioFaults, endpoint: string): ReplyFault | null {
  const fault = faults.reply;
  if (fault === null) return null;
  return fault.endpoint === undefined || fault.endpoint === endpoint ? fault : null;
}
