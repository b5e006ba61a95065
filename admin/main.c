/* placeholder until the next commit */
#include "base/sys.h"
int main(void)
{
	return 0;
}
