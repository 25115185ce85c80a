// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

// A mail (or a bare patch, which is a letter without a header) as text: MIME undone, page decoration left
// around the body. GMime stays behind this header.
namespace hangar::mail {

struct Attachment {
  std::string name;  // may be empty
  std::string text;
};

struct Letter {
  // As in the header, decoded, on one line each; "" when the text has no such field.
  std::string subject;
  std::string from;
  std::string date;
  std::string message_id;

  std::string body;
  std::vector<Attachment> attachments;
  bool flowed = false;  // format=flowed: lines were wrapped with a blank at their end
  std::string form;     // "mail", "mbox", "web page", "archive page", "text"
  std::vector<std::string> notes;
};

// All letters of a file: an mbox holds many. Never fails: what has no form is a text.
[[nodiscard]] std::vector<Letter> read_letters(std::string_view bytes);
// One mail, header first (GMime).
[[nodiscard]] Letter parse_mail(std::string_view bytes);
// =?utf-8?q?...?= and folded lines made readable.
[[nodiscard]] std::string decode_header(std::string_view raw);
// RFC 3676: lines that end in a blank are joined with the next one of the same quoting.
[[nodiscard]] std::string unflow(std::string_view text);

}  // namespace hangar::mail
