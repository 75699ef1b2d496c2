import { register } from 'node:module';

/** Preloaded by `node --import`: packages of OpenTelemetry are not to be found, as where nobody installed them. */
const hook = `
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('@opentelemetry/'))
    throw Object.assign(new Error('Cannot find package ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
