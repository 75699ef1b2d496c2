import { defineConfig } from 'vitest/config';

/** `npm run test:engine`. The files' own ending keeps them out of `npm test`, which knows nothing of this folder. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.engine.ts'],
    globalSetup: ['support/availability.ts'],
    // One server, and models that are made on first use.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Two measured servers on two cores would measure each other.
    fileParallelism: false,
  },
});
