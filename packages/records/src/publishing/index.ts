export { checkFile, type CheckedLine, type FileCheck } from './check-file.ts';
export { FileReader } from './file-reader.ts';
export { LineMapper, type MappedLine } from './line-mapper.ts';
export type { RawLine } from './line-splitter.ts';
export { type Mapping } from './mapping.ts';
export { parseMapping } from './parse-mapping.ts';
export { PublishingRefusal, type Rejection } from './refusal.ts';
