// SPDX-License-Identifier: GPL-2.0-only
#include <memory>
#include <mutex>

#include <gmime/gmime.h>

#include "harness/base/text.h"
#include "harness/mail/diff_lines.h"
#include "harness/mail/letter.h"
#include "harness/mail/page.h"
#include "harness/mail/quote.h"

namespace hangar::mail {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;
struct Free {
  void operator()(char* text) const { g_free(text); }
};
using Text = std::unique_ptr<char, Free>;

void start_gmime() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ' ';
    if (!space) out += c;
    if (space && !out.empty() && out.back() != ' ') out += ' ';
  }
  return std::string(trim(out));
}

// Nested further than any mail program goes.
constexpr int deepest = 20;

class Walk {
 public:
  explicit Walk(Letter& letter) : letter_(letter) {}

  void object(GMimeObject* object, int depth = 0) {
    if (object == nullptr || depth > deepest) return;
    if (GMIME_IS_MULTIPART(object)) {
      multipart(GMIME_MULTIPART(object), depth);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      GMimeMessage* const inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
      if (inner != nullptr) this->object(g_mime_message_get_mime_part(inner), depth + 1);
    } else if (GMIME_IS_PART(object)) {
      part(GMIME_PART(object));
    }
  }

 private:
  void multipart(GMimeMultipart* multi, int depth) {
    const int count = g_mime_multipart_get_count(multi);
    GMimeContentType* const type = g_mime_object_get_content_type(GMIME_OBJECT(multi));
    const bool alternative = g_mime_content_type_is_type(type, "multipart", "alternative") != FALSE;
    if (const char* boundary = g_mime_multipart_get_boundary(multi); boundary != nullptr)
      boundaries.emplace_back(boundary);
    for (int i = 0; i < count; ++i) {
      object(g_mime_multipart_get_part(multi, i), depth + 1);
      if (alternative && !letter_.body.empty()) return;  // the plain form comes first
    }
  }

  void part(GMimePart* part) {
    GMimeContentType* const type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    const char* const name = g_mime_part_get_filename(part);
    const bool is_text = g_mime_content_type_is_type(type, "text", "*") != FALSE;
    if (!is_text && (name == nullptr || !texty(name))) return;
    std::string text = content(part);
    if (g_mime_content_type_is_type(type, "text", "html") != FALSE) text = page_text(text);
    if (name == nullptr && letter_.body.empty()) {
      const char* const format = g_mime_content_type_get_parameter(type, "format");
      letter_.flowed = format != nullptr && g_ascii_strcasecmp(format, "flowed") == 0;
      letter_.body = std::move(text);
    } else {
      letter_.attachments.push_back({name != nullptr ? one_line(name) : "", std::move(text)});
    }
  }

  static bool texty(std::string_view name) {
    for (const std::string_view ending : {".patch", ".diff", ".c", ".log", ".txt", ".eml"}) {
      if (name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending) return true;
    }
    return false;
  }

  // The part's bytes without its transfer encoding, as UTF-8 where its character set is known.
  static std::string content(GMimePart* part) {
    GMimeDataWrapper* const wrapper = g_mime_part_get_content(part);
    if (wrapper == nullptr) return {};
    if (GMIME_IS_TEXT_PART(part)) {
      const char* const charset = g_mime_text_part_get_charset(GMIME_TEXT_PART(part));
      const bool as_is = charset == nullptr || g_ascii_strcasecmp(charset, "utf-8") == 0 ||
                         g_ascii_strcasecmp(charset, "us-ascii") == 0;
      const Text text(as_is ? nullptr : g_mime_text_part_get_text(GMIME_TEXT_PART(part)));
      if (text) return text.get();
    }
    const Owned<GMimeStream> stream(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
    const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    return bytes == nullptr ? std::string()
                            : std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
  }

  Letter& letter_;

 public:
  std::vector<std::string> boundaries;
};

// The newline before a boundary belongs to the boundary: a part that has one behind it ends with a whole
// line.
void settle_ends(std::string_view bytes, const std::vector<std::string>& boundaries, Letter& letter) {
  bool whole = !boundaries.empty();
  for (const std::string& boundary : boundaries)
    whole = whole && bytes.find("--" + boundary + "--") != std::string_view::npos;
  if (!boundaries.empty() && !whole)
    letter.notes.emplace_back("the mail is cut: the end of its last part is missing");
  if (!whole) return;
  const auto close = [](std::string& text) {
    if (!text.empty() && text.back() != '\n') text += '\n';
  };
  close(letter.body);
  for (Attachment& attachment : letter.attachments) close(attachment.text);
}

std::string header_of(GMimeMessage* message, const char* name) {
  const char* const value = g_mime_object_get_header(GMIME_OBJECT(message), name);
  return value == nullptr ? std::string() : one_line(value);
}

}  // namespace

std::string decode_header(std::string_view raw) {
  start_gmime();
  const std::string line = one_line(raw);
  const Text text(g_mime_utils_header_decode_text(nullptr, line.c_str()));
  return text ? one_line(text.get()) : line;
}

Letter parse_mail(std::string_view bytes) {
  start_gmime();
  Letter letter;
  letter.form = "mail";
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (!message) {
    letter.body = bytes;
    return letter;
  }
  letter.subject = decode_header(header_of(message.get(), "Subject"));
  letter.from = decode_header(header_of(message.get(), "From"));
  letter.date = header_of(message.get(), "Date");
  letter.message_id = header_of(message.get(), "Message-Id");
  Walk walk(letter);
  walk.object(g_mime_message_get_mime_part(message.get()));
  settle_ends(bytes, walk.boundaries, letter);
  return letter;
}

std::string unflow(std::string_view text) {
  std::string out;
  bool open = false;  // the last line goes on
  size_t depth = 0;
  for (const std::string_view line : lines_of(text).all) {
    Unquoted unquoted = unquote(line);
    const bool joins = open && unquoted.quoting.depth == depth;
    if (!joins) {
      if (open) out += '\n';
      out += line.substr(0, line.size() - unquoted.text.size());
      if (unquoted.quoting.depth == 0 && !unquoted.text.empty() && unquoted.text[0] == ' ')
        unquoted.text.remove_prefix(1);
    }
    out += unquoted.text;
    depth = unquoted.quoting.depth;
    open = !unquoted.text.empty() && unquoted.text.back() == ' ' && !signature_rule(unquoted.text);
    if (!open) out += '\n';
  }
  if (open) out += '\n';
  return out;
}

}  // namespace hangar::mail
