import { describe, expect, test } from 'vitest';
import { plainMessage, protocolFault, sdkError } from '../../src/backends/lmstudio-errors.ts';
import { LmpowerError } from '../../src/core/errors.ts';

const RED = '\u001b[91m';
const RESET = '\u001b[39m';
const where = { what: 'the answer', token: null };

describe('an error of the SDK', () => {
  test.each([
    ['Failed to authenticate: Invalid client', 'BACKEND_UNAUTHORIZED'],
    ['Failed to parse authentication result: Unexpected token', 'BACKEND_PROTOCOL'],
    ['Unexpected server response: 401', 'BACKEND_UNAUTHORIZED'],
    ['Unexpected server response: 404', 'BACKEND_PROTOCOL'],
    ['connect ECONNREFUSED 127.0.0.1:9', 'BACKEND_UNREACHABLE'],
    ['getaddrinfo ENOTFOUND nowhere', 'BACKEND_UNREACHABLE'],
    ['WebSocket connection closed', 'BACKEND_DISCONNECTED'],
    ['read ECONNRESET', 'BACKEND_DISCONNECTED'],
    ['This model has already been unloaded.', 'MODEL_UNLOADED'],
    ['Model is unloaded.', 'MODEL_UNLOADED'],
    ['Model unloaded', 'MODEL_UNLOADED'],
    [
      "No models loaded. Please load a model in the developer page or use the 'lms load' command.",
      'MODEL_UNLOADED',
    ],
    [`${RED}Cannot find a model with identifier "x"${RESET}`, 'MODEL_UNLOADED'],
    [`${RED}Cannot find a model with path "x"${RESET}`, 'MODEL_NOT_FOUND'],
    ['Cannot find model "draft"', 'MODEL_NOT_FOUND'],
    ['The engine ran out of luck', 'BACKEND_REFUSED'],
  ])('%s', (message, code) => {
    expect(sdkError(new Error(message), where).code).toBe(code);
  });

  test('with several addresses tried is told by its system code', () => {
    const error = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    expect(sdkError(error, where).code).toBe('BACKEND_UNREACHABLE');
  });

  test('is shown without box and colours, on one line, naming the call', () => {
    const boxed = new Error('┌───┐ box ┌───┐');
    Object.defineProperty(boxed, 'lmstudioRawError', { value: `${RED}first${RESET}\n\n  second` });
    expect(plainMessage(boxed)).toBe('first\n\n  second');
    expect(sdkError(boxed, where).message).toBe('the answer: first second');
  });

  test('never shows the token', () => {
    const token = 'sk-lm-abcdEFGH:abcdefghij0123456789';
    const error = sdkError(new Error(`bad passkey abcdefghij0123456789`), { what: 'x', token });
    expect(error.message).toBe('x: bad passkey [token]');
    expect(error.cause).toBeUndefined();
  });

  test('of our own stays as it is', () => {
    const own = new LmpowerError('BACKEND_TIMEOUT', 'silence');
    expect(sdkError(own, where)).toBe(own);
  });

  test('that is no error at all keeps its words', () => {
    expect(sdkError('boom', where).message).toBe('the answer: boom');
  });
});

describe('a line of the SDK’s log', () => {
  const channel = (complaint: string): string =>
    `Produced communication warning: Received invalid message for channel: endpointName = predict, message = {}. Zod error:\n\n- ${RED}message${RESET}.${complaint}\n\nThis is usually caused by communication protocol incompatibility.`;

  test.each([
    ['a fragment that lacks a field', channel('fragment.isStructural: Required')],
    ['statistics that do not fit', channel('stats.tokensPerSecond: Expected number, received null')],
    [
      'a result that does not fit',
      'Produced communication warning: Received invalid result for rpc, endpointName = listLoaded',
    ],
    ['a frame that is not JSON', 'Received invalid JSON message from server:'],
    ['a message of no known type', 'Received invalid message from server:'],
    [
      'an endpoint that the server does not know',
      'Received communication warning from the server (rpcEndpointUnknown): x',
    ],
  ])('is a fault when it tells of %s', (_title, line) => {
    expect(protocolFault([`${RED}[LLM][ClientPort]${RESET}`, line])).not.toBeNull();
  });

  test.each([
    [
      'a late answer to a call given up',
      'Produced communication warning: Received rpcResult for unknown rpc, callId = 3',
    ],
    [
      'a late token',
      'Produced communication warning: Received channelSend for unknown channel, channelId = 3',
    ],
    ['progress without details, as old servers send it', channel('details: Required')],
    ['a socket error, which the call itself reports', 'WebSocket error: Error: connect ECONNREFUSED'],
    ['anything else', 'Multiple models found for key x'],
  ])('is no fault when it tells of %s', (_title, line) => {
    expect(protocolFault([`${RED}[LLM]${RESET}`, line])).toBeNull();
  });

  test('is told short and plain', () => {
    const fault =
      protocolFault([`[LLM][ClientPort]`, channel('fragment.isStructural: Required'), { a: 1 }]) ?? '';
    expect(fault).toMatch(/^Received invalid message for channel/);
    expect(fault.length).toBeLessThanOrEqual(301);
    expect(fault).not.toContain('\u001b');
  });
});
