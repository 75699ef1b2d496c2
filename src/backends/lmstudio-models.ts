import { quantizationOf } from '../core/quantization.ts';
import type { Model, ModelType } from '../core/run.ts';

/** The fields that we read of the SDK's description of a model or of an instance. */
export interface SdkModelInfo {
  readonly type: ModelType;
  readonly modelKey: string;
  readonly displayName: string;
  readonly publisher: string;
  readonly format: string;
  readonly path: string;
  readonly indexedModelIdentifier?: string | undefined;
  readonly sizeBytes: number;
  readonly deviceIdentifier: string | null;
  readonly paramsString?: string | undefined;
  readonly architecture?: string | undefined;
  readonly quantization?: { readonly name: string; readonly bits: number } | undefined;
  readonly variants?: readonly string[] | undefined;
  /** Of language models alone. */
  readonly vision?: boolean | undefined;
  readonly trainedForToolUse?: boolean | undefined;
  readonly maxContextLength: number;
}

export interface SdkInstanceInfo extends SdkModelInfo {
  readonly identifier: string;
  /** It leaves memory after being idle for so long; null: it stays. */
  readonly ttlMs?: number | null | undefined;
}

/** The size on disk of a model whose file the server does not know is told as 0, which is no size. */
export function modelOf(info: SdkModelInfo, instances: readonly SdkInstanceInfo[]): Model {
  return {
    type: info.type,
    key: info.modelKey,
    displayName: info.displayName,
    publisher: info.publisher === '' ? null : info.publisher,
    architecture: info.architecture ?? null,
    format: info.format,
    quantization: quantizationOf(info.quantization?.name ?? null)?.label ?? null,
    bitsPerWeight: info.quantization?.bits ?? null,
    params: info.paramsString ?? null,
    size_B: info.sizeBytes > 0 ? info.sizeBytes : null,
    maxContext_tok: info.maxContextLength > 0 ? info.maxContextLength : null,
    vision: info.vision ?? null,
    toolUse: info.trainedForToolUse ?? null,
    variants: [...(info.variants ?? [])],
    loaded: instances.filter((instance) => sameModel(instance, info)).map(({ identifier }) => identifier),
    remote: info.deviceIdentifier !== null,
    path: fileOf(info),
  };
}

/** What of a model's two names is a file; else the one that may be a folder. */
function fileOf({ indexedModelIdentifier, path }: SdkModelInfo): string {
  return [path, indexedModelIdentifier ?? ''].find((name) => /\.gguf$/i.test(name)) ?? path;
}

/** The same key may be on this machine and on a linked one. */
function sameModel(a: SdkModelInfo, b: SdkModelInfo): boolean {
  return a.modelKey === b.modelKey && a.deviceIdentifier === b.deviceIdentifier;
}
