import { writeFile } from 'node:fs/promises';
import { analyze } from '../src/analyzer/analyze.ts';
import { openStore } from '../src/storage/store.ts';
import { readRecording, recordingText } from './golden-recording.ts';

/**
 * `npm run golden`: rewrites the golden document from the golden recording; look at the difference before committing.
 * `npm run golden -- --record FILE.db`: first replaces the recording with the newest run of that database.
 */
const recordingFile = new URL('../../tests/golden/recording.json', import.meta.url);
const documentFile = new URL('../../tests/golden/document.json', import.meta.url);
const [flag, database] = process.argv.slice(2);
if (flag === '--record' && database !== undefined) {
  const store = openStore(database);
  await writeFile(recordingFile, recordingText(store.load(store.resolve('latest'))));
  store.close();
}
await writeFile(documentFile, `${JSON.stringify(analyze(await readRecording(recordingFile)), null, 2)}\n`);
process.stdout.write('tests/golden/document.json written\n');
