import type Database from 'better-sqlite3';

/**
 * Node 24.19 and later abort when an addon object made with `node::ObjectWrap` is collected as garbage
 * (nodejs/node#65446), and better-sqlite3 12 makes its databases, statements and iterators so. Nothing that is held is
 * collected: statements are prepared once per text, and both live until the process ends. To be dropped with
 * better-sqlite3 13, which needs Node 22. Iterators cannot be held: nothing here may call `iterate`.
 */
const KEPT = new Set<unknown>();

/** Makes `prepare` and `pragma` of this database reuse one statement per text. Returns the same database. */
export function keepStatements(db: Database.Database): Database.Database {
  const statements = new Map<string, Database.Statement>();
  const prepareNew = db.prepare.bind(db);
  const prepare = (sql: string): Database.Statement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = prepareNew(sql);
    statements.set(sql, statement);
    return statement;
  };
  const pragma = (source: string, options: { readonly simple?: boolean } = {}): unknown => {
    const statement = prepare(`PRAGMA ${source}`);
    if (!statement.reader) {
      statement.run();
      return [];
    }
    const rows: unknown[] = statement.all();
    return options.simple === true ? firstValue(rows[0]) : rows;
  };
  Object.defineProperties(db, { prepare: { value: prepare }, pragma: { value: pragma } });
  KEPT.add(db).add(statements);
  return db;
}

function firstValue(row: unknown): unknown {
  return typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined;
}
