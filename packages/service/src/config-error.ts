/**
 * A start that cannot succeed: its message is one sentence that names the variable or file and what to do.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
