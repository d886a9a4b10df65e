import { parseStrictJson } from '@causeway/protocol';
import {
  type FileCheck,
  PublishingRefusal,
  checkFile,
  parseMapping,
} from '@causeway/records/publishing/index';

export { PublishingRefusal };

/**
 * What publishing a file through a mapping would say, worked out here with the bureau's own rules.
 *
 * @throws PublishingRefusal where the bureau would refuse the mapping or the whole file
 */
export function checkPublication(mappingText: string, file: Uint8Array): Promise<FileCheck> {
  return checkFile(parseMapping(parseStrictJson(mappingText)), [file]);
}
