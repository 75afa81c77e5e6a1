// The look at a whole content that app_epoll.c takes when it is built with VALIDATE: UTF-8 and JSON, by simdjson.
#include <cstddef>
#include <cstring>
#include <simdjson.h>

// The parser and the padded copy are kept, and grow to the longest content.
static simdjson::dom::parser parser;
static char *padded;
static size_t capacity;

extern "C" bool validate(const char *content, size_t n) {
  if (n + simdjson::SIMDJSON_PADDING > capacity) {
    delete[] padded;
    capacity = 2 * n + simdjson::SIMDJSON_PADDING;
    padded = new char[capacity];
  }
  std::memcpy(padded, content, n);
  std::memset(padded + n, 0, simdjson::SIMDJSON_PADDING);
  simdjson::dom::element root;
  return parser.parse(padded, n, false).get(root) == simdjson::SUCCESS;
}
