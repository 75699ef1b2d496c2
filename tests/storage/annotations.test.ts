import { expect, test } from 'vitest';
import { openStore } from '../../src/storage/store.ts';
import { newRun } from '../support/any-recording.ts';
import { meanSample, testDomain } from '../support/scripted-sampler.ts';

const storeOfTwo = () => {
  const store = openStore(':memory:');
  store.createRun(newRun('a'));
  store.createRun(newRun('b'));
  return store;
};

test('tags are listed once each, in alphabetical order, with the run that bears them alone', () => {
  const store = storeOfTwo();
  store.addTags('a', ['m4', 'before']);
  store.addTags('a', ['m4', 'quiet room']);
  expect(store.list().map(({ id, tags }) => [id, tags])).toEqual([
    ['b', []],
    ['a', ['before', 'm4', 'quiet room']],
  ]);
  store.removeTags('a', ['m4', 'never there']);
  expect(store.list({ tag: 'm4' })).toEqual([]);
});

test('a note replaces the former, and null takes it away', () => {
  const store = storeOfTwo();
  const noteOfA = () => store.list().find(({ id }) => id === 'a')?.note;
  store.setNote('a', 'fan off');
  store.setNote('a', 'fan on');
  expect(noteOfA()).toBe('fan on');
  store.setNote('a', null);
  expect(noteOfA()).toBeNull();
});

test('tags and notes change nothing of the recording', () => {
  const store = storeOfTwo();
  const before = store.load('a');
  store.addTags('a', ['x']);
  store.setNote('a', 'y');
  expect(store.load('a')).toEqual(before);
});

test('a deleted run is gone with all of it, and leaves the others and a sound database', () => {
  const store = storeOfTwo();
  for (const id of ['a', 'b']) {
    store.append(id, { samples: [meanSample('cpu', 0, 1)], domains: [testDomain('cpu')] });
    store.addTags(id, ['x']);
    store.setNote(id, 'y');
  }
  const kept = store.load('b');
  store.deleteRun('a');
  expect(() => store.load('a')).toThrow("no run 'a'");
  expect(() => store.deleteRun('a')).toThrow("no run 'a'");
  expect(store.load('b')).toEqual(kept);
  expect(store.list({ tag: 'x' })).toHaveLength(1);
  expect(store.faults()).toEqual([]);
});
