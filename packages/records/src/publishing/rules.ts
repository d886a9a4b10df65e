/**
 * What a rule does: `file` refuses the file or its mapping whole, `rejected` refuses one line, `warned` takes
 * the line and says so.
 */
export type RuleSeverity = 'file' | 'rejected' | 'warned';

/** A sentence in the languages of the rule pages. */
interface Said {
  readonly en: string;
  readonly zh: string;
}

interface PublishingRule {
  readonly severity: RuleSeverity;
  /** What is wrong. */
  readonly what: Said;
  /** What to do about it. */
  readonly fix: Said;
}

type Sentences = readonly [en: string, zh: string];

const rule = <S extends RuleSeverity>(severity: S, what: Sentences, fix: Sentences) => ({
  severity,
  what: { en: what[0], zh: what[1] },
  fix: { en: fix[0], zh: fix[1] },
});

const file = (what: Sentences, fix: Sentences) => rule('file', what, fix);
const rejected = (what: Sentences, fix: Sentences) => rule('rejected', what, fix);
const warned = (what: Sentences, fix: Sentences) => rule('warned', what, fix);

/**
 * Every rule of publishing, by its id: what a publisher's own tools may rely on. The rule pages in docs are
 * made from this table.
 */
export const publishingRules = {
  mapping_invalid: file(
    ['The mapping cannot be used.', '映射文件不可用。'],
    ['Correct the member that the pointer names.', '按指针所指修正映射的该成员。'],
  ),
  header_unreadable: file(
    ['The head of the file does not say what the mapping expects.', '文件头与映射的要求不符。'],
    ['Correct the header line or record, or the mapping.', '修正文件头或映射。'],
  ),
  file_truncated: file(
    ['The file ends in the middle of a record, or before its trailer.', '文件在记录中间或尾记录之前结束。'],
    ['Send all of the file.', '重新发送完整的文件。'],
  ),
  file_malformed: file(
    ['The file is not of its format, or its mapping does not fit it.', '文件不符合其格式，或与映射不匹配。'],
    ['Write the file again with the tool that made it.', '用原工具重新生成文件。'],
  ),
  totals_mismatch: file(
    ['The records do not add up to what the trailer says.', '记录的笔数或合计与尾记录不一致。'],
    [
      'Write the file again; a record is missing, doubled or altered.',
      '重新生成文件：记录有缺失、重复或改动。',
    ],
  ),
  encoding: rejected(
    ['A byte of the line has no meaning in the encoding.', '该行有字节不属于所声明的编码。'],
    [
      'Write the file in the encoding of the mapping; nothing is replaced.',
      '按映射声明的编码输出；不作替换。',
    ],
  ),
  split_character: rejected(
    ['A column begins or ends inside a character.', '列的边界落在一个字符的中间。'],
    ['Pad or cut the column at whole characters.', '按完整字符补位或截断该列。'],
  ),
  characters: rejected(
    ['The line holds a control character.', '该行含有控制字符。'],
    ['Remove it at its source.', '在源系统中去除该字符。'],
  ),
  line_too_long: rejected(
    ['The record is longer than 65536 bytes.', '记录超过 65536 字节。'],
    ['Check the quotes and the line ends.', '检查引号与换行。'],
  ),
  quote: rejected(
    ['A quote is not where RFC 4180 lets it be.', '引号的位置不符合 RFC 4180。'],
    ['Quote whole fields, and double a quote inside one.', '引号须包住整个字段，字段内的引号须双写。'],
  ),
  json: rejected(
    ['The line is not one flat JSON object.', '该行不是一个扁平的 JSON 对象。'],
    ['Write one object of plain values to a line.', '每行写一个仅含简单值的对象。'],
  ),
  xml: rejected(
    ['The row has a value twice, or is nested too deeply.', '该行元素的值重复或嵌套过深。'],
    ['Give each column one element or attribute.', '每列只对应一个元素或属性。'],
  ),
  columns: rejected(
    ['The line does not have as many columns as the header.', '该行的列数与表头不同。'],
    ['Quote the delimiter where it is part of a value.', '值中含分隔符时加引号。'],
  ),
  record_length: rejected(
    ['The record does not have the length of the layout.', '记录长度与定长格式不符。'],
    ['Count bytes, not characters.', '按字节而非字符计长。'],
  ),
  record_type: rejected(
    ['The type of the record is not in the layout.', '记录类型不在定长格式中。'],
    ['Correct the type, or name it in the mapping.', '修正类型，或在映射中声明。'],
  ),
  prohibited_category: rejected(
    ['The line holds data that no bureau may collect.', '该行含有禁止采集的信息。'],
    ['Leave that member out of the file.', '从文件中去除该成员。'],
  ),
  required: rejected(
    ['A field that the record needs has no value.', '记录的必填字段没有值。'],
    ['Give the value, or leave the line out.', '补全该值，或不报送该行。'],
  ),
  identifier_check: rejected(
    ['The identifier of the subject is not valid in its scheme.', '主体标识不符合其类型的校验。'],
    ['Correct it at its source; a check digit is never guessed.', '在源系统中更正；校验位不作推断。'],
  ),
  identifier_in_record: rejected(
    ['A field carries the number of a person or enterprise.', '字段中含有个人或企业的证件号码。'],
    ['Map a number of your own instead.', '改用贵机构自有的编号。'],
  ),
  subject_kind: rejected(
    [
      'The record is of another kind of subject than its identifier.',
      '记录与主体标识的类型（个人或企业）不符。',
    ],
    ['Use "when" to tell persons from enterprises.', '用 when 区分个人与企业。'],
  ),
  decimal: rejected(
    ['The column is not an amount as the mapping describes it.', '该列不是映射所述格式的金额。'],
    [
      'Correct the value, or say thousands, point, sign and decimals in the mapping.',
      '更正该值，或在映射中声明千分位、小数点、符号与小数位。',
    ],
  ),
  negative: rejected(
    ['The amount is below zero where the field cannot be.', '该字段的金额不能为负。'],
    ['Decide with "negative": "zero" or "absent" what a credit is.', '用 negative 声明负值按零或缺失处理。'],
  ),
  integer: rejected(
    ['The column is not a whole number.', '该列不是整数。'],
    ['Write digits only.', '只写数字。'],
  ),
  ratio: rejected(
    ['The column is not a plain decimal ratio.', '该列不是普通小数表示的比率。'],
    ['Write digits and a point, without a percent sign.', '只写数字与小数点，不带百分号。'],
  ),
  boolean: rejected(
    ['The column is neither a listed true nor a listed false.', '该列的值未在真值或假值中列出。'],
    ['List its spelling in the mapping.', '在映射中列出该写法。'],
  ),
  code: rejected(
    ['The column has a code that the mapping does not list.', '该列的代码未在映射中列出。'],
    ['Add the code to "map", or give "else".', '在 map 中补充该代码，或给出 else。'],
  ),
  date: rejected(
    ['The column is not a date of the format, or no such day exists.', '该列不符合日期格式，或该日不存在。'],
    ['Correct the date, or "format" in the mapping.', '更正日期，或修正映射中的 format。'],
  ),
  history: rejected(
    ['The column is not a repayment history.', '该列不是还款记录。'],
    ['Use one listed code for each month, 1 to 120 months.', '每月一个已列出的代码，1 至 120 个月。'],
  ),
  expression: rejected(
    ['The expression has no value for this line.', '表达式对该行没有值。'],
    ['Check what the columns hold; nothing is coerced.', '检查各列内容；不作类型转换。'],
  ),
  currency: rejected(
    ['The currency is unknown, or not that of the amounts.', '币种未知，或与金额的币种不一致。'],
    ['Give each currency a record of its own with "when".', '用 when 为每个币种单列记录。'],
  ),
  schema: rejected(
    ['A value does not fit its canonical field.', '该值不符合标准字段的要求。'],
    ['See the field in the record model.', '参见记录模型中的该字段。'],
  ),
  absence: rejected(
    ['A field has a value and a reason for having none.', '字段同时有值和缺失原因。'],
    ['Map one of them.', '两者只映射其一。'],
  ),
  no_record: rejected(
    ['No record of the mapping applies to the line.', '映射中没有适用于该行的记录。'],
    ['Add a record whose "when" takes it, or leave the line out.', '补充适用的 when，或不报送该行。'],
  ),
  adverse_notice: rejected(
    ['Adverse information about a person has no prior notice.', '个人不良信息未事先告知。'],
    [
      'Map notice_id or notice_exemption, or declare "hold_adverse".',
      '映射 notice_id 或 notice_exemption，或声明 hold_adverse。',
    ],
  ),
  conditional_basis: rejected(
    ['Article 14 data of a person has no written consent named.', '第十四条信息未注明个人的书面同意。'],
    ['Map consequence_notice and basis.consent.', '映射 consequence_notice 与 basis.consent。'],
  ),
  denied_data: rejected(
    ['A native member is data that has no place in a credit record.', '原始字段属于不得进入信用记录的信息。'],
    ['Leave that member out of the mapping.', '从映射中去除该字段。'],
  ),
  unknown_field: rejected(
    ['A reason or native code is given for no field of the record.', '缺失原因或原始代码所指的字段不存在。'],
    ['Name a field of this kind of record.', '改为该类记录的字段名。'],
  ),
  register_outlived: rejected(
    ['The record would outlive the public register it comes from.', '记录的展示期晚于其来源公示的截止日。'],
    ['Correct public_register_until.', '更正 public_register_until。'],
  ),
  period_order: rejected(
    ['A period ends before it begins.', '期间的结束早于开始。'],
    ['Check both dates and their formats.', '核对两个日期及其格式。'],
  ),
  history_months: rejected(
    [
      'A history has codes or amounts for other months than its states.',
      '还款记录的代码或金额与状态月份不一致。',
    ],
    ['Give as many of them as there are months.', '按月份数给齐。'],
  ),
  history_codes: rejected(
    ['A history has native codes that are not of its scale.', '还款记录的原始代码不属于其标度。'],
    ['Correct the codes, or "scale" in the mapping.', '更正代码，或修正映射中的 scale。'],
  ),
  amount_currency: rejected(
    ['An amount has no currency.', '金额没有币种。'],
    ['Map the currency of the record.', '映射该记录的币种。'],
  ),
  band: rejected(
    ['A band of amounts does not end above its beginning.', '金额区间的上限不大于下限。'],
    ['Correct "bands" in the mapping.', '修正映射中的 bands。'],
  ),
  score_range: rejected(
    ['A score is outside the range from min to max.', '评分不在 min 与 max 之间。'],
    [
      'Correct the range, or list the code of "no score" in "absent".',
      '更正范围，或在 absent 中列出无评分的代码。',
    ],
  ),
  score_value: rejected(
    ['A score has neither a value nor a reason, or both.', '评分既无分值也无原因，或两者都有。'],
    [
      'Map value, and unscorable_reason or "absence" where there is none.',
      '映射 value；无分值时映射 unscorable_reason 或 absence。',
    ],
  ),
  adverse_held: warned(
    ['Adverse information without notice is stored and not shown.', '未告知的不良信息已存储但不展示。'],
    ['Notify the person, then publish it again with notice_id.', '告知本人后，附 notice_id 重新报送。'],
  ),
  adverse_unmarked: warned(
    [
      'A person’s account is late and does not say whether it is adverse.',
      '个人账户逾期但未注明是否为不良信息。',
    ],
    ['Map is_adverse, and notice_id with it.', '映射 is_adverse 及 notice_id。'],
  ),
  overdue_beyond_balance: warned(
    ['More is overdue than is owed.', '逾期金额大于余额。'],
    ['Check both columns; charges may explain it.', '核对两列；费用可能是原因。'],
  ),
  used_beyond_limit: warned(
    ['More is used or owed than the limit allows.', '已用额度或余额超过授信额度。'],
    ['Check limit and balance; an overdraft may explain it.', '核对额度与余额；超限使用可能是原因。'],
  ),
  buckets_beyond_overdue: warned(
    ['Overdue principal by age is more than what is overdue in all.', '各账龄逾期本金之和大于逾期总额。'],
    ['Check the columns of both.', '核对两者的各列。'],
  ),
  remaining_beyond_terms: warned(
    ['More terms remain than there are.', '剩余期数大于总期数。'],
    ['Check both columns.', '核对两列。'],
  ),
  dates_out_of_order: warned(
    ['An account is due or closed before it was opened.', '到期日或销户日早于开户日。'],
    ['Check the formats of the dates.', '检查日期格式。'],
  ),
  history_beyond_as_of: warned(
    ['The history ends after the day the facts were true.', '还款记录晚于信息报告日。'],
    ['Check the newest month and as_of.', '核对最近月份与 as_of。'],
  ),
  shares_short: warned(
    ['The lenders of a joint loan have less than the whole of it.', '联合贷款各方份额之和不足全部。'],
    ['Name every lender with its share.', '列出所有出资方及其份额。'],
  ),
  settled_with_balance: warned(
    ['An account that is settled or closed still has a balance.', '已结清或销户的账户仍有余额。'],
    ['Check the status codes of the mapping.', '检查映射中的状态代码。'],
  ),
} as const satisfies Readonly<Record<string, PublishingRule>>;

type Rules = typeof publishingRules;
export type RuleId = keyof Rules;
type Of<S extends RuleSeverity> = { [K in RuleId]: Rules[K]['severity'] extends S ? K : never }[RuleId];

/** Why a whole file, or a mapping, cannot be used. */
export type RefusalCode = Of<'file'>;
/** The rules that a single line can break. */
export type LineRule = Of<'rejected'>;
/** The rules that say something of a line that is taken. */
export type WarningRule = Of<'warned'>;
