/** Ids of the kinds of server, in the order in which `auto` tries them; in a file of its own, since naming them loads none. */
export const BACKEND_IDS = ['lmstudio', 'lmstudio-rest', 'llama-server', 'ollama', 'openai'] as const;

export type BackendId = (typeof BACKEND_IDS)[number];
