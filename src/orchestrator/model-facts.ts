import type { Model, Setting } from '../core/run.ts';

/** What a server says of a model's file, part of the fingerprint of a run. */
const FACTS = [
  'format',
  'quantization',
  'bitsPerWeight',
  'params',
  'size_B',
  'architecture',
  'maxContext_tok',
] as const;

/**
 * As settings that nobody asked for, `digest` (SHA-256 of the model's file) among them; what nobody says is left out.
 * Source: METHOD §9.
 */
export function modelFacts(model: Model | null, digest: string | null): Setting[] {
  const told = model?.digest ?? null;
  const sha256 = digest ?? told;
  const facts = FACTS.flatMap((name): Setting[] => {
    const effective = model?.[name] ?? null;
    return effective === null ? [] : [{ name, requested: null, effective, source: 'server' }];
  });
  if (sha256 === null) return facts;
  return [
    ...facts,
    { name: 'sha256', requested: null, effective: sha256, source: sha256 === told ? 'server' : 'file' },
  ];
}
