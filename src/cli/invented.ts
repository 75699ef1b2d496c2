/** Id of the sampler that makes its readings up: never chosen by itself, and a run with it is SIMULATED. */
export const INVENTED = 'synthetic';

export function isInvented({ id }: { readonly id: string }): boolean {
  return id === INVENTED;
}
