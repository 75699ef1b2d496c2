/**
 * The package's index loads fetch, WebSocket, caches and mocks as well, 0.1 s of processor at each start of lmpower; this
 * module of it is the agent alone. It is no documented path, and the version is pinned.
 */
declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';

  export default Agent;
}
