/** What the package exports: the words of lmpower, its codes and errors. */
export type * from './arms.ts';
export type * from './clock.ts';
export * from './codes.ts';
export * from './errors.ts';
export type * from './experiment.ts';
export type * from './result.ts';
export type * from './run.ts';
export type * from './sample.ts';
export type * from './sessions.ts';
