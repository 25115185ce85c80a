// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace hangar::log {

class Prefilter {};

}  // namespace hangar::log
