/** Echo servers to compare with, each as its own expert would write it. */
package bench;
