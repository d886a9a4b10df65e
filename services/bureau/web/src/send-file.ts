import { Refused } from '@causeway/ui/requests.ts';

/** Told how much of a file is under way, from 0 to 1. */
export type Progress = (part: number) => void;

/**
 * Sends a file as the body, from the disk and not through memory. (`fetch` tells nobody how far it is.)
 * @throws Refused, or TypeError where nobody answers
 */
export async function sendFile<T>(
  url: string,
  file: File,
  headers: Readonly<Record<string, string>>,
  told: Progress,
): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    const all = { accept: 'application/json', 'content-type': 'application/octet-stream', ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => told(total > 0 ? loaded / total : 0));
    request.addEventListener('error', () => reject(new TypeError('the service does not answer')));
    request.addEventListener('load', () => {
      const body = parsed(request.responseText);
      if (request.status < 300) resolve(body as T);
      else {
        const { code = 'internal', detail = '' } = body as { code?: string; detail?: string };
        reject(new Refused(request.status, code, detail));
      }
    });
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}
