import { MS_PER_S } from '../../core/units.ts';
import type { LabModel } from './catalog.ts';
import type { ChannelCall, ChannelEnd, ChannelTable } from './channel.ts';
import type { JsonRecord } from './json.ts';
import { numberAt, recordAt, textAt } from './json.ts';
import type { LabLog, LabServer } from './lab.ts';
import { aborted } from './lab.ts';
import { completeRawText, predictChat } from './predict-channel.ts';
import { domainMismatch, identifierNotFound } from './refusal.ts';
import { settingsOfStack } from './settings.ts';
import { instanceShape, modelShape } from './shapes.ts';

export const SYSTEM_CHANNELS: ChannelTable = {
  alive: async (_lab, call) => {
    await aborted(call.signal);
    return 'close';
  },
};

export const DIAGNOSTICS_CHANNELS: ChannelTable = { streamLogs };

export const LLM_CHANNELS: ChannelTable = {
  ...loadChannels('llm'),
  predict: predictChat,
  completeRawText,
};

export const EMBEDDING_CHANNELS: ChannelTable = loadChannels('embedding');

function loadChannels(domain: LabModel['type']): ChannelTable {
  return {
    loadModel: (lab, call) => loadModel(lab, call, domain),
    getOrLoad: (lab, call) => getOrLoad(lab, call, domain),
  };
}

async function loadModel(lab: LabServer, call: ChannelCall, domain: LabModel['type']): Promise<ChannelEnd> {
  const { parameter, send, signal } = call;
  const model = modelFor(lab, { key: textAt(parameter, 'modelKey') ?? '', domain, parameter });
  send({ type: 'resolved', info: modelShape(model, lab.faults) });
  const instance = await lab.engine.load({
    model,
    identifier: textAt(parameter, 'identifier'),
    requested: settingsOfStack(recordAt(parameter, 'loadConfigStack')),
    ttl_s: ttlOf_s(parameter, 'ttlMs'),
    justInTime: false,
    signal,
    onProgress: (progress) => send({ type: 'progress', progress }),
  });
  if (instance !== null) send({ type: 'success', info: instanceShape(instance, lab.faults) });
  return 'close';
}

async function getOrLoad(lab: LabServer, call: ChannelCall, domain: LabModel['type']): Promise<ChannelEnd> {
  const { parameter, send, signal } = call;
  const name = textAt(parameter, 'identifier') ?? '';
  const present = lab.engine.instanceOf(name);
  if (present !== undefined && present.origin.model.type === domain) {
    send({ type: 'alreadyLoaded', info: instanceShape(present, lab.faults) });
    return 'close';
  }
  const model = modelFor(lab, { key: name, domain, parameter });
  send({ type: 'startLoading', identifier: name, info: modelShape(model, lab.faults) });
  for (const evicted of lab.engine.evictJustInTime()) {
    send({ type: 'unloadingOtherJITModel', info: instanceShape(evicted, lab.faults) });
  }
  const instance = await lab.engine.load({
    model,
    requested: settingsOfStack(recordAt(parameter, 'loadConfigStack')),
    ttl_s: ttlOf_s(parameter, 'loadTtlMs'),
    justInTime: true,
    signal,
    onProgress: (progress) => send({ type: 'loadProgress', progress }),
  });
  if (instance !== null) send({ type: 'loadSuccess', info: instanceShape(instance, lab.faults) });
  return 'close';
}

/** @throws {Refusal} where there is no such model, of this sort, on the machine asked for. */
function modelFor(
  lab: LabServer,
  wanted: { readonly key: string; readonly domain: LabModel['type']; readonly parameter: JsonRecord },
): LabModel {
  const model = lab.engine.find(wanted.key);
  if (model.type !== wanted.domain) throw domainMismatch(wanted.key, model.type, wanted.domain);
  const device = wanted.parameter['deviceIdentifier'];
  if (device !== undefined && device !== model.deviceIdentifier) {
    throw identifierNotFound(wanted.key, lab.engine.identifiers());
  }
  return model;
}

function ttlOf_s(parameter: JsonRecord, key: string): number | null {
  const ttl_ms = numberAt(parameter, key);
  return ttl_ms === undefined ? null : ttl_ms / MS_PER_S;
}

async function streamLogs(lab: LabServer, call: ChannelCall): Promise<ChannelEnd> {
  const listener = (log: LabLog): void => {
    call.send({ type: 'log', log: { timestamp: Date.parse(lab.clock.wallAt()), data: log } });
  };
  lab.logListeners.add(listener);
  await aborted(call.signal);
  lab.logListeners.delete(listener);
  return 'close';
}
