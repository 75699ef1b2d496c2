/** Id of the sampler that makes its readings up: never chosen by itself, and a run with it is SIMULATED. */
export const INVENTED = 'synthetic';
