import { createTransport } from 'nodemailer';
import type { Message } from './message.ts';

/** Sends one message to one address; throws where no server has taken it. */
export type SendMail = (to: string, id: string, message: Message) => Promise<void>;

interface Options {
  /** `smtps://user:password@host:port`, or `smtp://` for a server that offers TLS by STARTTLS. */
  readonly url: string;
  readonly from: string;
  /** Where people sign in. */
  readonly portal: string;
}

const timeoutMs = 10_000;

/**
 * E-mail through one SMTP server. A message says that something has happened and where to sign in, in both
 * languages, and nothing of anybody: mail is read by more than its addressee. One that is sent again after a
 * crash carries the same Message-ID. Without TLS only a server on this machine is spoken to.
 */
export function mailer({ from, portal, url }: Options): SendMail {
  const { hostname } = new URL(url);
  const here = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  const transport = createTransport({
    ...{ url, requireTLS: !here && url.startsWith('smtp:'), ignoreTLS: here },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const { hostname: domain } = new URL(portal);
  return async (to, id, message) => {
    await transport.sendMail({
      ...{ from, to, messageId: `<${id}@${domain}>`, text: textOf(message, portal) },
      subject:
        message.code === undefined ? '您的信用信息有新动态 / Your credit information' : '验证码 / Your code',
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  };
}

function textOf({ code, stop, type }: Message, portal: string): string {
  if (type === 'consent.assisted_code') {
    return [
      `授权验证码：${code ?? ''}（15 分钟内有效）。仅当您正在机构人员协助下办理授权时，才将其告知对方；否则请勿告知任何人。`,
      '',
      `Your code: ${code ?? ''}, for 15 minutes. Tell it only to the officers who are helping you`,
      'to agree to something at this moment. If nobody is, tell it to nobody.',
    ].join('\n');
  }
  if (code !== undefined) {
    return [
      `您的验证码：${code}（15 分钟内有效）。如果不是您本人操作，请忽略本邮件。`,
      '',
      `Your code: ${code}, for 15 minutes. If you have not asked for it, ignore this mail.`,
    ].join('\n');
  }
  return [
    '您的信用信息有新动态。请登录查看：',
    portal,
    '',
    'Something has happened to your credit information. Sign in to see what:',
    portal,
    ...(stop === undefined
      ? []
      : [
          '',
          `此为每 90 天一次的提醒，可在此关闭：${portal}${stop}`,
          `This is a reminder that comes every 90 days. Switch it off here: ${portal}${stop}`,
        ]),
  ].join('\n');
}
